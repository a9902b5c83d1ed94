"""The small words of languages: those that join others, point or report. They tell nothing of what a text is about.

Where a language has small letters, words of fewer than four need not be listed, as they are known by their length.
"""

from collections.abc import Mapping
from functools import cache

# Letters that are written on to the next word; what is left of it counts.
_PREFIXES: Mapping[str, str] = {"ar": "وفبكل", "he": "והשבלמכ"}
_SPELLINGS: Mapping[str, tuple[str, str, str]] = {  # forms of a letter that many leave out, and vowel signs
    "ar": ("أإآىة", "اااية", "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652"),
    "fa": ("يك", "یک", ""),
}
_NON_JOINER = "\u200c"
_MIN_REST = 2

_WORDS: Mapping[str, str] = {
    "ar": "في من على إلى عن أن إن التي الذي الذين هذا هذه ذلك تلك كان كانت يكون تكون كما قد لقد لم لن لا ما هو "
    "هي هم هما نحن بين بعد قبل حتى إذا أو أي ثم مع عند عندما حيث منذ خلال كل بعض غير سوف ليس ليست أنه "
    "أنها أنهم إنه إنها إنهم لكن لكنه فيه فيها به بها له لها لهم منه منها عليه عليها إليه إليها عنه عنها "
    "ضد نحو فقط أيضا لدى أكثر أقل جدا نفسه نفسها وفق وفقا حول دون أمام تحت فوق بينما كذلك هناك هنا الآن "
    "اليوم أمس غدا يوم عام قال قالت أضاف أضافت ذكر ذكرت أكد أكدت أعلن أعلنت أشار أشارت أوضح الاثنين "
    "الثلاثاء الأربعاء الخميس الجمعة السبت الأحد",
    "bg": "беше бъде бъдат било вече всеки всички всичко във върху години година днес добави довечера докато "
    "друг други дори една един едно едни защото заяви заради както като какво каза казва когато които "
    "който която което към между много може могат няма него нейния неговия никога нито няколко обаче "
    "около освен повече поради после поне преди през просто против само според след сега със също така "
    "такъв там тази този това тези тогава трябва тяхната хора чрез щеше съобщи съобщиха посочи понеделник "
    "вторник сряда четвъртък петък събота неделя обяви",
    "de": "aber alle allem allen aller alles also andere anderen auch beim bereits bisher damit dann dass dein "
    "denn deren dessen diese diesem diesen dieser dieses doch dort durch eine einem einen einer eines "
    "einige etwa gegen gewesen habe haben hatte hatten hier ihre ihrem ihren ihrer immer jede jeder jetzt "
    "kann kein keine können könnte machen mehr muss müssen nach nicht noch oder ohne schon sehr seien "
    "sein seine seinem seinen seiner seit selbst sich sind soll sollen sollte sowie über unter viel viele "
    "vom wegen weil weiter welche wenn werde werden wieder will wird worden wurde wurden würde zwar "
    "zwischen sagte sagten sagt erklärte montag dienstag mittwoch donnerstag freitag samstag sonntag "
    "gestern heute morgen teilte mitteilte laut",
    "el": "αλλά αν ανά από αυτά αυτές αυτή αυτής αυτό αυτοί αυτός αυτού αυτούς αυτών για γιατί δεν δηλαδή "
    "δήλωσε δήλωσαν διότι δύο είναι είπε είχαν είχε εκείνη εκείνο εκείνος ενώ επίσης έπειτα έναν ένας "
    "έχει έχουν ήδη ήταν κάθε καθώς και κάποια κάποιος κατά κάτι λόγω μας μετά μεταξύ μέσα μέσω μέχρι μία "
    "μόνο μπορεί μπορούν όλα όλες όλη όλοι όλους όλων όμως όπου όπως όταν ότι ούτε πιο πολλά πολλές "
    "πολλοί πολύ ποτέ πρέπει πριν προς πρόσθεσε πρώτα σαν σήμερα σχεδόν στη στην στις στο στον στους στα "
    "σύμφωνα τα την της τις τον του τους των τώρα τότε υπό χθες χωρίς ώστε όσο όσοι παρά περί ανέφερε "
    "δευτέρα τρίτη τετάρτη πέμπτη παρασκευή σάββατο κυριακή",
    "en": "about above after again against all almost along also although always among another around asked "
    "away back because been before being below between both came cannot could despite does doing done "
    "down during each either even ever every expected few first from further gave give given going gone "
    "had has have having here hers herself himself however into itself just know known last later least "
    "less like likely made make making many may might more most much must near never next nothing often "
    "once only onto other others our ours over own part per perhaps put quite rather really said same "
    "says say second several shall should since some something soon still such take taken than that the "
    "their theirs them themselves then there these they thing things this those though through thus today "
    "together told took toward towards under until upon used using very want wanted was way week well "
    "went were what when where whether which while who whole whom whose why will with within without "
    "would year years yesterday yet you your monday tuesday wednesday thursday friday saturday sunday",
    "es": "además ahora algo algunas algunos ante antes aquel aquella aquí así aunque bajo bien cada casi como "
    "contra cual cuando cuanto debe deben desde después dice dijo donde dos durante ella ellas ellos "
    "embargo entonces entre eran esas esos esta está están estas este esto estos fueron fuera haber había "
    "habían hace hacer hacia hasta hoy incluso luego mayor mejor menos mientras mismo misma mucho muchos "
    "nada nunca otra otras otro otros para parte pero poco podría porque puede pueden pues quien quienes "
    "según sería sido siempre sino sobre solo sólo soy sus también tan tanto tiene tienen toda todas todo "
    "todos tras tres unas unos vez veces lunes martes miércoles jueves viernes sábado domingo",
    "fa": "در از به با که را این آن و یا تا بر برای است هست بود بودند شد شده شدند شود می نمی ها های هم نیز اما "
    "ولی اگر چون زیرا پس هر همه چه کرد کرده کردند کند کنند کردن باید خود او وی ما شما آنها آنان ایشان من "
    "تو یک دو هیچ بین روی زیر پیش بعد قبل حال حالی درباره طور بسیار بیشتر کمتر دیگر چند نیست نه دارد "
    "دارند داشت داشته داد داده گفت گفته افزود اعلام روز سال امروز دیروز فردا شنبه یکشنبه دوشنبه سه‌شنبه "
    "چهارشنبه پنجشنبه پنج‌شنبه جمعه هستند باشد خواهد",
    "fr": "afin ainsi alors après assez aucun aucune aussi autre autres avait avaient avant avec avoir beaucoup "
    "bien cela celle celles celui cependant cette ceux chaque chez comme comment contre dans déjà depuis "
    "dernier dernière derrière dont donc elle elles encore enfin entre était étaient être fait faire fois "
    "font furent ils jamais jour jusque leur leurs lors lorsque mais même mêmes moins nombreux notamment "
    "nous parce parfois pendant peut peuvent plus plusieurs plutôt pour pourrait pourtant quand quant "
    "quelque quelques qui quoi sans selon sera serait sont sous souvent suis sur tous tout toute toutes "
    "très trois vers voir vous lundi mardi mercredi jeudi vendredi samedi dimanche déclaré dit",
    "he": "של על את אל עם כי גם לא כן או אם אך אבל רק כל הוא היא הם הן אני אנחנו זה זאת זו אלה אלו היה היתה "
    "הייתה היו יהיה תהיה יהיו יש אין כך כדי כמו כאשר לפי לפני אחרי אחר אחרת בין עד עוד כבר מאוד יותר פחות "
    "מי מה איך למה שלו שלה שלהם אותו אותה אותם לו לה להם בו בה בהם ממנו ממנה עליו עליה אליו אליה לאחר "
    "במהלך בגלל לכן אולם היום אתמול מחר יום שנה אמר אמרה אמרו הוסיף הוסיפה מסר נמסר ראשון שני שלישי רביעי "
    "חמישי שישי שבת",
    "hi": "का के की को में से पर ने और है हैं था थे थी हो होगा होगी होंगे हुआ हुई हुए होने होता होती होते कि यह "
    "ये वह वे इस उस इन उन इसके उसके इसकी उसकी उनके उनकी अपने अपनी अपना जो जिस तो भी ही नहीं न या एक दो कर "
    "करने करते करता करती करेगा किया किए गई गया गए जा जाता जाने जाएगा जाएगी जाएंगे रहा रहे रही लिए साथ बाद "
    "पहले तक अब तब जब यहां वहां लेकिन मगर अगर क्योंकि बहुत कुछ सभी कोई किसी अधिक कम दिया दी दिए कहा बताया "
    "कहना बीच दौरान द्वारा ओर तरह वाले वाली वाला आज कल दिन साल सोमवार मंगलवार बुधवार गुरुवार शुक्रवार "
    "शनिवार रविवार",
    "it": "alla alle allo altra altre altri altro anche ancora appena aveva avevano avere bene cioè come "
    "comunque con contro così cosa cose cui dagli dai dalla dalle dallo degli dei della delle dello "
    "dentro dopo dove dovrebbe due durante ecco essere ella erano fatto fare fino fosse furono già gli "
    "hanno infatti inoltre invece loro lungo mentre meno molti molto nella nelle nello nessuno negli noi "
    "nostro ogni oltre oppure ora parte perché però più poco poi possono prima proprio può qualche quale "
    "quali quando quanto quasi quella quelle quelli quello questa queste questi questo secondo sempre "
    "senza sono sopra sotto stata state stati stato stesso sugli sulla sulle suoi tanto tre troppo tutta "
    "tutte tutti tutto verso viene volta detto dice lunedì martedì mercoledì giovedì venerdì sabato "
    "domenica",
    "ja": "今回 場合 自分 今年 昨年 同日 午前 午後 一方 予定 関係者 発表 以上 以下 以降 今後 現在 昨日 今日 "
    "明日 月曜日 火曜日 水曜日 木曜日 金曜日 土曜日 日曜日",
    "ko": "그리고 그러나 하지만 그런데 따라서 또한 또 및 등 이 그 저 것 것이 것은 것을 것으로 것이다 것이라고 "
    "수 있다 있는 있었다 있습니다 없다 없는 없었다 이다 했다 한다 하는 하고 해 할 한 된 된다 됐다 되는 될 "
    "대한 대해 위해 위한 통해 따르면 따라 관련 가운데 중 지난 이번 올해 지난해 오늘 어제 내일 오는 약 더 "
    "가장 매우 모든 다른 같은 때문에 이후 이전 동안 까지 부터 말했다 밝혔다 전했다 덧붙였다 설명했다 "
    "강조했다 우리 그는 그녀는 이날 당시 현재 아니라 월요일 화요일 수요일 목요일 금요일 토요일 일요일",
    "nl": "aan alle alleen als andere bij binnen daar daarna dan dat deze die door een eens eerste enkele geen "
    "had hadden heeft hebben hier hoe hun iemand iets ieder kan komen kunnen later maar meer meest met "
    "moet moeten naar niet niets nog nooit omdat onder ongeveer ook over sinds tegen toch toen tussen "
    "twee uit van vanaf veel verder volgens voor vooral waar waren wanneer want waarin weer wel werd "
    "werden wordt worden zeer zegt zei zich zijn zodat zonder zoals zouden zullen echter gaan gaat heel "
    "iedereen zelf tijdens maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
    "pl": "aby albo ale bardzo bardziej bez był była było były będą będzie bowiem chce chociaż ciągle czego "
    "czyli czym dalej dlaczego dlatego dla dnia dobrze dodał dodała dopiero dwa dwie dziś dzisiaj gdy "
    "gdyby gdzie ich inne inny jak jako jakie jaki jakiś jednak jego jej jemu jest jeszcze jeśli jeżeli "
    "każdy kiedy kilka którą które którego której który która którzy których którym lecz lub mają mieć "
    "między mimo może mogą można mówi mówił musi nad nadal nam nawet niego niej nich niż oraz ona one oni "
    "podczas poinformował poinformowała ponad ponieważ potem powiedział powiedziała poza przeciw przed "
    "przede przez przy raz również sam się siebie sobie sposób swoich swoje swoją swój tak takie taki "
    "takich także tam teraz tego tej ten tych tylko tym tutaj tydzień tysięcy wciąż wczoraj wiele więc "
    "więcej wobec właśnie według wszystkich wszystkie wszystko został została zostało zostały zostanie "
    "żeby poniedziałek wtorek środę środa czwartek piątek sobotę sobota niedzielę niedziela roku lat",
    "pt": "agora ainda além algum alguma algumas alguns ano anos antes apenas apesar após aquela aquele aquilo "
    "aqui assim através bem cada casa caso cerca com como contra contudo cujo dela delas dele deles "
    "depois desde dessa desse desta deste deve devem dia dias disse disso dois durante duas ela elas eles "
    "embora enquanto então entre entretanto essa essas esse esses esta está estão estar estas estava "
    "estavam este estes fazer feita feito ficou fora foram havia hoje isso isto já maior mais mas meio "
    "melhor menos mesma mesmo muita muito muitos nada nela nele nem nenhum nessa nesse nesta neste "
    "ninguém nossa nosso nunca onde ontem outra outras outro outros para parte pela pelas pelo pelos pode "
    "podem poderá pois porque porém pouco primeira primeiro qual quais qualquer quando quanto quase quem "
    "são segundo seja sejam sem sempre sendo será serão seria seus sido sob sobre suas tais também tanto "
    "tem têm tendo ter teve tinha tinham toda todas todo todos três tudo uma umas uns você vai vez vezes "
    "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo afirmou afirma",
    "ru": "более будет будут быть была были было весь всего всех вчера даже двух день если есть ещё еще затем "
    "здесь иногда именно каждый как какой когда кого который которая которое которые которых которого "
    "которой которому которым кроме лишь либо между менее меня может могут можно много надо назад наши "
    "него неё нельзя несколько никогда ничего однако около очень перед подобный позже пока после потом "
    "потому почти поэтому против просто разве раньше сами самый сверх свой своей своего свои своих себе "
    "себя сегодня сейчас сказал сказала следует снова собой стал стала стали также такие такой такая тебя "
    "теперь тогда того тоже только тому требует уже хотя чего человек через чтобы этим этих этого этой "
    "этом эти этот заявил заявила заявили сообщил сообщила сообщили сообщает отметил отметила добавил "
    "добавила словам данным года году лет понедельник понедельника вторник вторника среду четверг "
    "четверга пятницу субботу воскресенье является стоит нужен",
    "sv": "alla allt andra annan annat bara bland blev bli blir borde både dessa dess detta deras denna dock "
    "däremot därför efter eftersom eller enligt ett från fick finns flera fler fram ganska genom gick "
    "gjorde göra gör hade hans hela helt hennes hjälp honom hur här igen inga ingen inget innan inom inte "
    "just kanske kommer kunde kunna lika lite men mellan mera mest mindre mot mycket måste många möjligt "
    "nästa någon något några nära också redan samma samt sade sagt säger sedan sina sitt själv skall "
    "skulle snart som sådan ta tidigare till under ungefär upp utan utanför vara varför varit varje vart "
    "vilka vilken vilket vill visst våra även åren året ännu över måndag måndagen tisdag tisdagen onsdag "
    "onsdagen torsdag torsdagen fredag fredagen lördag lördagen söndag söndagen igår idag uppger",
    "th": "ที่ และ ของ เป็น ว่า ได้ ให้ จะ ไม่ กับ จาก โดย แต่ หรือ นี้ นั้น เมื่อ ซึ่ง แล้ว ต้อง อยู่ วันที่ ทำให้ กล่าว",
    "tr": "acaba ancak artık aslında ayrıca bana bazı belki ben beni beri birçok bile biraz birkaç biri "
    "birlikte biz bize bizim böyle bugün bunda bundan bunu bunun burada bütün çünkü daha dahi dedi değil "
    "diğer diye dolayı dün eden eğer ettiği ettiğini etti edildi edilen fakat fazla gereken gerekiyor "
    "gibi göre günü halde hangi hatta hem henüz hepsi herhangi herkes hiç için içinde ifade ilgili ilk "
    "ise işte kadar karşı kendi kendisi kısa kim kimse kişi konuştu mı nasıl neden nedeniyle nerede niye "
    "olan olarak oldu olduğu olduğunu olması olmayan olsa olup olur oluyor onlar onların onu onun orada "
    "oysa pazartesi salı çarşamba perşembe cuma cumartesi pazar rağmen sadece sanki sonra sonrası söyledi "
    "şekilde şey şimdi şöyle şunu tarafından tarih tüm üzere üzerinde var vardı veya yani yapan yaptı "
    "yapılan yerine yıl yılında yine yoksa yönelik zaman zaten belirtti açıkladı kaydetti bulunan olacak "
    "çok",
    "uk": "адже але більше буде будуть була були було бути весь вони вона воно всього всіх вчора день деякі для "
    "дуже зараз його йому кілька коли кожен крім лише менше може можна можуть навіть незважаючи нього "
    "ніколи один одного однак оскільки перед після поки потім потрібно проте проти саме самий свій своєї "
    "свого свої своїх себе сказав сказала сьогодні також таки такий тобто того тоді тому тільки хоча "
    "цього цьому цієї через чого якби який яка яке якого якої яких які якщо щодо щоб заявив заявила "
    "повідомив повідомила повідомили зазначив зазначила додав додала словами року років понеділок "
    "понеділка вівторок середу четвер пʼятницю суботу неділю",
    "zh": "的 了 在 是 们 們 这 這 那 也 都 就 而 被 把 与 與 及 或 且 称 稱 但 正 表示 认为 认為 指出 介绍 "
    "报道 记者 目前 可以 已经 已經 进行 進行 没有 沒有 通过 由于 由於 因此 同时 同時 其中 以及 但是 如果 "
    "因为 因為 所以 一个 一個 我们 我們 他们 他們 这个 這個 自己 今年 去年 日前 今天 昨天 星期 周一 周二 "
    "周三 周四 周五 周六 周日 宣布 开始 继续 此前 随后 包括 成为 要求",
}


def is_small(word: str, primary: str) -> bool:
    """Whether a word tells nothing, in a language where such words are known."""
    small = small_words(primary)
    if not small:
        return False
    word = word.lower().replace("’", "'").translate(_spelling(primary))
    if word in small or word.partition(_NON_JOINER)[0] in small:
        return True
    return len(word) > _MIN_REST and word[0] in _PREFIXES.get(primary, "") and word[1:] in small


@cache
def small_words(primary: str) -> frozenset[str]:
    """All that are known in a language."""
    return frozenset(_WORDS.get(primary, "").translate(_spelling(primary)).split())


def _spelling(primary: str) -> dict[int, int | None]:
    return str.maketrans(*_SPELLINGS.get(primary, ("", "", "")))
