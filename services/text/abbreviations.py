"""What each language writes with a full stop that does not end a sentence, and the words that begin one."""

from dataclasses import dataclass
from functools import cache

from services.model import Language

# Before a name or another word: the sentence never ends here.
_TITLES = {
    "": "mr mrs ms mx messrs dr drs prof profs st capt lt sgt cmdr supt vs e.g i.e Adm Col Cols Gen Gens Gov Govs Hon "
    "Maj Msgr Pres Rep Reps Rev Sec Sen Sens Ste",
    "ar": "د أ م ا ص",
    "bg": "акад арх бул гр доц др жк инж пл проф св ул",
    "cs": "bc ing mgr mudr judr phdr doc gen kpt mjr npor plk sv tzn např tj",
    "da": "adv afd cand fhv hr ing kl mag nr pct skt ca fx jf",
    "de": "d.h z.b hr hrn fr dipl ing Mag med phil jur bzw ca evtl ggf inkl exkl sog vgl zzt allg geb gest hl ev rer",
    "el": "κ κα κκ δρ καθ αγ λεωφ",
    "es": "p.ej sr sra srta sres sras dra dña dn excmo excma ilmo ilma fr arq ing lic gral cnel cap tte alm mons pbro "
    "av avda pza pl ud uds vd vds aprox",
    "fi": "esim ent hra mm nk ns os prof rva tri vrt ao ko ts toim",
    "fr": "p.ex c.-à-d m mm mme mmes mlle mlles Me mgr pr bd av env cf",
    "hi": "डॉ श्री प्रो पं सं कर्नल मि ए बी सी डी ई एफ एच आई जे के एल एम एन ओ पी क्यू आर एस टी यू वी डब्ल्यू",
    "hu": "dr ifj id özv prof pl ún ill kb gr szt vö",
    "it": "sig sigg sigra dott ssa avv ing arch geom rag on sen mons prof proff egr gent spett cav comm gen col cap "
    "magg ten serg ca cfr es",
    "nl": "d.w.z dhr mevr mw mej ds ir ing mr drs bc dr jhr jkvr kard mgr ca bijv bv evt incl excl jl resp zgn",
    "no": "adv dir hr ing kl mag ca bl f.eks jf",
    "pl": "m.in ks bp abp kard św bł ul al pl os inż mgr hab doc gen płk ppłk mjr kpt por kpr sierż adm red dyr prez "
    "przew dep pos np tzw tzn tj wg ds zob",
    "pt": "p.ex sr sra srs sras srta dra drs dras d exmo exma ilmo ilma eng arq adv av pç r gal cel cap ten sgt maj "
    "alm mons pe dep min gov profa profª aprox",
    "ro": "dl dna dlui prof ing av bd str sf col lt mr nr cca",
    "ru": "т.е г ул пер просп пр наб пл бул ш д корп стр кв оф обл р-н пос дер ст св о тов гр гос г-н г-жа акад проф "
    "доц канд докт ген подп кап лейт серж адм напр ср",
    "sk": "bc ing mgr mudr judr phdr doc gen kpt mjr plk sv napr tzv",
    "sr": "др проф инж ул св тзв нпр dr prof inž ul sv tzv npr",
    "sv": "hr fr dir ing kl ca bl dvs jfr resp s.k t.ex",
    "tr": "av dr doç prof sn hz cad sok mah alb org yrd bkz örn vb",
    "uk": "т.зв вул просп пров пл бул обл р-н м с смт ім св проф доц акад ген гр ред див напр тов",
}

# May be the last word: the sentence ends here only before a word that begins sentences.
_WORDS = {
    "": "jr sr inc co corp ltd llc bros dept univ assn ave blvd rd approx est ph.d b.sc m.sc",
    "cs": "angl apod atd aj lat něm resp mil mld tis str",
    "de": "abs aufl engl frz lat str usf jh jhd mio mrd tsd std min sek u.a",
    "es": "cía ee uu ff aa rr",
    "fr": "cie ex éd fig dép",
    "it": "spa srl dip prov",
    "nl": "mln mld nv",
    "pl": "ang franc im łac min niem ros sen",
    "pt": "cia ltda jr ed",
    "ru": "англ им лат нем фр млн млрд тыс руб коп чел мин сек",
    "uk": "англ лат нім фр млн млрд тис грн коп чол хв сек",
}

# Before a number only.
_NUMBERED = {
    "": "no nos nr nrs art arts fig figs p pp vol vols ch sec sect par para op ca cf circa approx jan feb mar apr jun "
    "jul aug sep sept oct nov dec",
    "cs": "č čl odst str sv",
    "de": "abs abt bd kap ziff jan feb mär okt dez tel",
    "es": "núm núms pág págs cap tel n.º nro ene abr ago dic",
    "fr": "n° chap tél janv févr avr juil déc",
    "it": "n num pag pagg cap tel gen mag giu lug ago set ott dic",
    "nl": "blz afb hfst mrt mei okt tel",
    "pl": "godz ok str tel poz pkt ust rozdz zł",
    "pt": "n núm pág págs cap tel fev abr mai ago set out dez",
    "ru": "№ п пп ч гл см ст стр рис разд табл тел",
    "uk": "№ п пп ч гл ст стор рис розд табл тел",
}

# Words that mostly begin a sentence when they have a capital letter.
_STARTERS = {
    "cs": "a ale ani až by co do i jak je jeho její jejich jen k každý když který kvůli loni má mezi my na nad nebo "
    "než ode on ona oni ono po podle pokud poté pro proto před při s se si tak také takže tam tato ten tento to tyto "
    "u už v ve však z za ze že",
    "de": "aber allerdings als am an auch auf aus außerdem bei beide bis da dabei dadurch dafür dagegen daher damit "
    "danach dann darauf das dass davon dazu den denn der deshalb die dies diese dieser dieses doch dort du durch ein "
    "eine einen einer einige er es für hier ich ihm ihr ihre im in insgesamt ist jede jetzt jedoch laut man mehr mit "
    "nach nachdem nicht noch nun nur ob obwohl oder sein seine seit seitdem sie sind so sogar trotz trotzdem und "
    "unter viele vom von vor während wann warum was weil weitere wenn wer wie wir wo zu zudem zum zur zwar",
    "en": "a about according after all also although among an and another any are as at because before both but by "
    "despite did do does during each even every few for from he her here his how however i if in instead is it its "
    "just last later like many meanwhile more most my no nobody none nor not nothing now of on once one only or our "
    "she since so some soon still such that the their then there these they this those though through to today two "
    "under unless until we what when where whether which while who why with yesterday yet you your",
    "es": "a al algunos antes así aunque cada como con cuando de desde después durante el él ella ellas ellos en "
    "entonces era es esa ese eso esta está estas este esto estos fue ha había hay la las lo los más mi mientras "
    "muchos nadie no nos nosotros nuestra nuestro o para pero por porque pues que quien se según si sin sobre solo su "
    "sus también tampoco todo todos tras tu un una uno y ya yo",
    "fr": "à afin ainsi alors après au aucun aussi aux avant avec beaucoup c ce cela celui cependant ces cet cette "
    "chaque comme d dans de depuis des deux donc du elle elles en enfin ensuite et il ils j je l la le les leur leurs "
    "lors lorsque mais malgré mon ni nos notre nous on or où par parmi pendant peu plus plusieurs pour pourquoi "
    "pourtant puis quand que quelques qui s sa sans selon ses si son sous sur tous tout toutefois un une vous y",
    "it": "a ad al alcuni alla anche ancora c che chi ci come con così cosa da dal dalla del della di dopo durante e "
    "è ed era fra gli ha i il in infatti inoltre io l la le lei loro lui ma mentre nel nella nessuno noi non ogni per "
    "perché però più poi prima qualcuno quando quasi quel quella quello questa queste questi questo se secondo senza "
    "si sono su sua sul sulla suo tra tutti tutto un una uno",
    "nl": "aan al alle als bij dan daar daarna dat de deze die dit door dus een en er geen had hebben heeft het hij "
    "hoe hun ik in is je maar meer men met mijn na naar niet nog nu of om omdat onder ons ook op over sinds te tegen "
    "tijdens toen tot uit van vanaf veel volgens voor waar waarom wanneer want was wat we wel wie wij ze zij zijn zo "
    "zonder",
    "pl": "a ale albo ani bo był była było być choć co czy dla dlatego do gdy gdzie i ich ile jak jako jednak jego "
    "jej jest jeśli już każdy kiedy kto która które który ma mimo my na nad nasz natomiast nie niektórzy o obecnie od "
    "on ona one oni ono oraz po pod podczas poza potem ponadto przed przez przy są się także tak tam ta te tego ten "
    "teraz to tu tylko w według wielu więc wszyscy z za ze że",
    "pt": "a agora ainda além alguns antes ao aos apesar as assim até cada com como da das de depois desde do dos "
    "durante e ela elas ele eles em embora enquanto então entre era essa esse esta está este eu foi há isso isto já "
    "mais mas me mesmo meu minha muitos na nas nem ninguém no nos nós nossa nosso não o os onde ou para pela pelo por "
    "porém porque quando quem que se segundo sem ser seu seus só sob sobre sua suas também todos tudo um uma você "
    "vocês",
    "ru": "а без более бы был была были было в вам вас ведь во вот все всё всего вы где да даже для до его ее её если "
    "есть еще ещё ж же за затем здесь и из или им их к как какой когда кого который кто ли лишь между меня мне многие "
    "мы на над нас не него нее нет ни них но о об однако он она они оно от ото перед по под после потом потому "
    "поэтому при про с сам сейчас сегодня со согласно среди так также там те тем теперь то тогда того тоже той только "
    "тот ты у уже хотя чего чем через что чтобы эта эти это этого этой этом этот я",
    "uk": "а але б без більше був була були було в вам вас вже ви від він вона вони воно все всі де для до є же з за "
    "зараз згідно зі і із їх його її й к коли крім ми мені на навіть над нас не немає ні ніхто о об однак он от перед "
    "під після по потім при про проте с саме серед сьогодні та так також там те тепер ти то тоді тому той тут у хоча "
    "хто це цей ці ця через чи чому що щоб я як яка який якщо",
}

# Where a number with a full stop is an ordinal, and a capital may follow: 3. Oktober.
_ORDINALS = frozenset({"cs", "de", "lb", "pl"})

_SAME = {"nb": "no", "nn": "no", "bs": "sr", "hr": "sr"}


LONGEST_CHARS = 8  # of an abbreviation without full stops inside


@dataclass(frozen=True, slots=True)
class Profile:
    """What a language abbreviates, and its starters. In lower case a word stands for itself in any case."""

    titles: frozenset[str]
    words: frozenset[str]
    numbered: frozenset[str]
    starters: frozenset[str]
    ordinals: bool


@cache
def _profile(primary: str) -> Profile:
    key = _SAME.get(primary, primary)
    titles, words, numbered = (
        frozenset(f"{table['']} {table.get(key, '')}".split()) for table in (_TITLES, _WORDS, _NUMBERED)
    )
    starters = frozenset(map(str.capitalize, _STARTERS.get(key, _STARTERS["en"]).split()))
    return Profile(titles, words - titles, numbered, starters, primary in _ORDINALS)


def profile(language: Language | None) -> Profile:
    """The habits of a language; for one that is not known, what is common to most."""
    return _profile(language.primary if language else "")
