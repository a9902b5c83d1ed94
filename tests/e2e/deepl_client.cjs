// What an application does with deepl-node, unmodified: node deepl_client.cjs MODULES SERVER_URL FOLDER.
// Prints what came of it as JSON.
const fs = require("fs");
const path = require("path");

const [modules, serverUrl, folder] = process.argv.slice(2);
const deepl = require(path.join(modules, "deepl-node"));

const failure = async (promise) => {
  try {
    await promise;
    return null;
  } catch (error) {
    return [error.constructor.name, error.message];
  }
};

(async () => {
  const client = new deepl.DeepLClient("some-key", { serverUrl, maxRetries: 3 });
  const told = {};
  told.text = await client.translateText("The council voted on Tuesday to keep the night ferry.", null, "pt-BR");
  told.list = await client.translateText(["Good morning.", "The council met."], "en", "pt-PT", { modelType: "latency_optimized" });
  told.html = await client.translateText("<p>The council voted on <b>Tuesday</b> to keep the night ferry.</p>", "en", "pt-BR", { tagHandling: "html" });
  told.xml = await client.translateText("<a><t>The vote</t><p>Open <x>Settings</x> now.</p></a>", "en", "pt-BR", {
    tagHandling: "xml", ignoreTags: ["x", "y"], outlineDetection: false, splittingTags: ["t", "p"],
    splitSentences: "nonewlines", preserveFormatting: true, context: "Politics.", formality: "prefer_more",
  });
  told.sources = await client.getSourceLanguages();
  told.targets = await client.getTargetLanguages();
  const usage = await client.getUsage();
  told.usage = [usage.character.count, usage.character.limit, usage.anyLimitReached()];
  told.pairs = await client.getGlossaryLanguagePairs();

  const entries = new deepl.GlossaryEntries({ entries: { ferry: "barca", tram: "elétrico" } });
  const made = await client.createGlossary("desk", "en", "pt", entries);
  told.glossary = { ...made, creationTime: typeof made.creationTime.getTime() };
  told.listed = (await client.listGlossaries()).map((one) => one.glossaryId).includes(made.glossaryId);
  told.entries = (await client.getGlossaryEntries(made)).entries();
  told.termed = await client.translateText("The ferry is late.", "en", "pt-BR", { glossary: made });
  await client.deleteGlossary(made);
  told.gone = await failure(client.getGlossary(made.glossaryId));

  const several = await client.createMultilingualGlossary("desks", [
    { sourceLangCode: "en", targetLangCode: "pt", entries },
    { sourceLangCode: "pt", targetLangCode: "en", entries: new deepl.GlossaryEntries({ entries: { barca: "ferry" } }) },
  ]);
  told.several = several.dictionaries;
  await client.updateMultilingualGlossaryName(several, "other desks");
  await client.replaceMultilingualGlossaryDictionaryWithCsv(several, "pt", "en", "barca,ferry\n\"elétrico, o\",tram");
  told.renamed = (await client.getMultilingualGlossary(several.glossaryId)).name;
  told.csv = (await client.getMultilingualGlossaryDictionaryEntries(several, "pt", "en")).entries.entries();
  await client.deleteMultilingualGlossaryDictionary(several, "pt", "en");
  told.fewer = (await client.listMultilingualGlossaries()).find((one) => one.glossaryId === several.glossaryId).dictionaries;
  await client.deleteMultilingualGlossary(several);

  const [from, to] = [path.join(folder, "story.html"), path.join(folder, "story.pt.html")];
  fs.writeFileSync(from, "<p>The council voted on <b>Tuesday</b> to keep the night ferry.</p>");
  told.status = await client.translateDocument(from, to, "en", "pt-BR");
  told.document = fs.readFileSync(to, "utf8");

  told.language = await failure(client.translateText("Hello.", null, "xx"));
  told.formality = await failure(client.translateText("Hello.", null, "pt-BR", { formality: "more" }));
  told.rephrase = await failure(client.rephraseText("Hello.", "en-US"));
  console.log(JSON.stringify(told));
})();
