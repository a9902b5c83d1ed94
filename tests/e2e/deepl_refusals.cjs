// How deepl-node takes it when it is refused: node deepl_refusals.cjs MODULES SERVER_URL KEY…
// Prints the names of the errors, and what the last key has used, as JSON.
const path = require("path");

const [modules, serverUrl, wrong, often, poor] = process.argv.slice(2);
const deepl = require(path.join(modules, "deepl-node"));

const failure = async (key, times) => {
  const client = new deepl.DeepLClient(key, { serverUrl, maxRetries: 0 });
  try {
    for (let time = 0; time < times; time += 1) await client.translateText("Good morning.", "en", "pt-PT");
    return null;
  } catch (error) {
    return error.constructor.name;
  }
};

(async () => {
  const told = { wrong: await failure(wrong, 1), often: await failure(often, 3), poor: await failure(poor, 2) };
  const usage = await new deepl.DeepLClient(poor, { serverUrl }).getUsage();
  told.usage = [usage.character.count, usage.character.limit];
  console.log(JSON.stringify(told));
})();
