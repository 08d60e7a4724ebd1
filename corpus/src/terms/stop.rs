//! Stop words: words so common that they tell nothing about what a text is about.

/// The stop words of a language by its ISO 639-1 code, parted by white space.
pub(super) fn words(language: &str) -> &'static str {
    match language {
        "da" => DANISH,
        "de" => GERMAN,
        "en" => ENGLISH,
        "es" => SPANISH,
        "fi" => FINNISH,
        "fr" => FRENCH,
        "hu" => HUNGARIAN,
        "it" => ITALIAN,
        "nl" => DUTCH,
        "no" | "nb" | "nn" => NORWEGIAN,
        "pt" => PORTUGUESE,
        "ro" => ROMANIAN,
        "ru" => RUSSIAN,
        "sv" => SWEDISH,
        "tr" => TURKISH,
        _ => "",
    }
}

const ENGLISH: &str = "
a about across again ain't all almost already also although always am among an and another
any anybody anyone anything are aren't around as at away be became because been being both
but by can can't cannot could couldn't did didn't do does doesn't doing don't done each either else
ever every everyone everything few for from get gets getting give given go goes going got had hadn't has
hasn't have haven't having he he'd he'll he's her here here's hers herself him himself his how how's however i
i'd i'll i'm i've if in instead into is isn't it it'd it'll it's its itself just let let's like likely ll made make
makes many may maybe me might mine more most much must mustn't my myself need needn't neither no nor not now of
often on once one's only onto or other others ought our ours ourselves own per perhaps please rather
re same say says shall shan't she she'd she'll she's should shouldn't since so some somebody someone something
still such than that that's the their theirs them themselves then there there's therefore these they they'd they'll
they're they've this those though through thus to together too toward towards up upon us very via was
wasn't we we'd we'll we're we've were weren't what what's when when's where where's whether which while who who's
whom whose why why's will with won't would wouldn't yes yet you you'd you'll you're you've your
yours yourself yourselves e.g i.e etc ve ok okay hi hello thanks thank
";

const GERMAN: &str = "
aber alle allem allen aller alles als also am an ander andere anderem anderen anderer anderes auch auf aus bei beim
bereits bin bis bist bitte da dabei dadurch dafür dagegen daher damit dann daran darauf daraus darin darüber darum das
dass davon dazu dein deine deinem deinen deiner dem den denen denn der deren derer des deshalb dessen dich die dies
diese diesem diesen dieser dieses dir doch dort du durch ein eine einem einen einer eines einige einigen einiger
einmal er es etwas euch euer eure eurem euren eurer falls für gegen gemacht habe haben hat hatte hatten hier hin
hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer ihres im in indem ins ist ja jede jedem jeden jeder jedes jedoch
jene jenem jenen jener jenes jetzt kann kein keine keinem keinen keiner keines können könnte könnten man manche
manchem manchen mancher mehr mein meine meinem meinen meiner meines mich mir mit muss müssen nach nachdem nicht nichts
noch nun nur ob oder ohne schon sehr sei sein seine seinem seinen seiner seines seit selbst sich sie sind so sobald
sodass soll sollen sollte sollten sondern sonst sowie über um und uns unser unsere unserem unseren unserer unter vom
von vor wann war waren warum was weder weil welche welchem welchen welcher welches wenn wer werde werden wie wieder
will wir wird wirst wo wohin wollen wollte worden wurde wurden während würde würden z.b zu zum zur zwar zwischen bzw
";

const FRENCH: &str = "
a à afin ai ainsi alors as au aucun aucune aussi autre autres aux avait avant avec avez avoir avons ayant bien c car ce
ceci cela celle celles celui ces cet cette ceux chaque chez ci comme comment d dans de depuis des désormais deux doit
donc dont du elle elles en encore entre es est et étaient était étant été être eu eux fait faire faut ici il ils j je
jusqu jusque l la là laquelle le lequel les lesquelles lesquels leur leurs lors lorsque lui m ma mais me même mêmes
merci mes moi moins mon n ne ni non nos notre nous on ont ou où par parce pas pendant peu peut peuvent peux plus plusieurs
pour pourquoi pouvez pouvoir puis puisque qu quand que quel quelle quelles quelqu quelque quelques quels qui quoi s sa
sans se sera seront ses si sinon soi soit sommes son sont sous suis sur t ta te tes toi ton tous tout toute toutes très
tu un une va vers veuillez vos votre vous y
";

const SPANISH: &str = "
a acá ahí al algo algún alguna algunas alguno algunos allí ante antes aquel aquella aquellas aquello aquellos aquí así
aún aunque bajo bien cada casi como cómo con conmigo contigo contra cual cuál cuales cualquier cualquiera cuando cuándo
cuanto cuánto de del demás dentro desde después donde dónde dos durante e el él ella ellas ello ellos en entonces entre era
eran es esa esas ese eso esos está estaba estaban están estar estas este esto estos estoy fin fue fueron gracias ha había
habían han hasta hay haya he hemos hola la las le les lo los luego más me mediante mi mí mientras mis misma mismas mismo
mismos mucha muchas mucho muchos muy nada ni ningún ninguna ninguno no nos nosotros nuestra nuestras nuestro nuestros o os
otra otras otro otros para pero poco podemos poder por porque pues puede pueden puedo que qué quien quién quienes se sea
sean según ser será si sí sido siempre sin sino sobre solo sólo somos son soy su sus suya suyo tal también tampoco tan tanto
te tener tengo ti tiene tienen toda todas todavía todo todos tras tu tú tus un una unas uno unos usted ustedes va vez y ya yo
";

const ITALIAN: &str = "
a abbiamo ad agli ai al alcun alcuna alcune alcuni alla alle allo allora altra altre altri altro anche ancora avere aveva
avete c ce che chi ci ciò cioè coi col come con così cosa cui d da dagli dai dal dalla dalle dallo dei degli del della delle
dello dentro deve di dopo dove dovrebbe due dunque e è ecco ed egli ella era erano essa esse essere essi fa fare fino fra
già gli grazie ha hai hanno ho i il in infatti io l la là le lei li lì lo loro lui m ma mai me meno mentre mi mia mie miei
mio molta molte molti molto ne né negli nei nel nella nelle nello nessun nessuna nessuno noi non nostra nostre nostri nostro
o ogni ognuno oppure ora ossia per perché perciò però più poco poi possiamo posso possono potete prima può puoi qua qual quale
quali qualche quando quanta quante quanti quanto quasi quel quella quelle quelli quello quest questa queste questi questo qui
quindi s sarà se sei senza si sia siamo siano siete solo sono sopra sotto sta stata state stati stato stesso su sua sue sugli
sui sul sulla sulle sullo suo suoi t tale tali tanto te ti tra troppo tu tua tue tuo tuoi tutta tutte tutti tutto un una uno v
vi voi vostra vostre vostri vostro
";

const DUTCH: &str = "
aan aangezien al alle alleen alles als altijd alvast ander andere anders ben bij bijna bent daar daardoor daarna daarom dan dat
de deze die dit doe doen door dus echter een eens elk elke en enkele er ergens even geen geweest had hadden heb hebben hebt heeft
hem hen het hier hij hoe hun iemand iets ik in indien is ja je jij jou jouw jullie kan kon konden kunnen kunt maar me meer men met
mij mijn moet moeten na naar niet niets nog nu of om omdat onder ons onze ook op over reeds sinds soms steeds te tegen tenzij terwijl
tijdens toch toen tot tussen u uit uw van vanaf veel via voor voordat vooral waar waarbij waarom wanneer want waren was wat we weer
wel welk welke werd werden wie wij wil wilt word worden wordt zal ze zelf zich zij zijn zo zoals zodat zonder zou zouden zowel zullen
";

const PORTUGUESE: &str = "
a à ainda alguém algum alguma algumas alguns ambos ante antes ao aos apenas após aquela aquelas aquele aqueles aqui aquilo as às assim
até bem cada com como contra cujo da daquela daquele das de dela delas dele deles depois desde dessa desse desta deste disso disto do
dos e é ela elas ele eles em enquanto então entre era eram essa essas esse esses esta está estão estas estava este estes estou eu faz
fazer foi foram há isso isto já lá lhe lhes lo mais mas me mediante meio mesma mesmas mesmo mesmos meu meus minha minhas muita muitas
muito muitos na nada não nas nem nenhum nenhuma nessa nesse nesta neste no nos nós nossa nossas nosso nossos num numa o obrigado obrigada
onde os ou outra outras outro outros para pela pelas pelo pelos pode podem poder podia pois por porque porquê posso pouco pra qual quais
qualquer quando quanto que quê quem se seja sejam sem sempre sendo ser será seu seus si sido só sob sobre sou sua suas também tal tanta
tanto tão te tem têm tendo tenha tenho ter teu teus tinha toda todas todavia todo todos tu tua tuas tudo um uma umas uns vai você vocês vos
";

const DANISH: &str = "
af alle alt anden andet at blev blive bliver da de dem den denne der deres det dette dig din disse dog du efter eller en end er et for
fra går ham han hans har havde have hende hendes her hos hun hvad hvis hvor hvordan hvornår i ikke ind jeg jer kan kun man mange med
meget men mig min mine mod må ned noget nogle nu når og også om op os over på selv sig sin skal skulle som så til ud under var ved vi vil
ville vores være været
";

const SWEDISH: &str = "
alla allt att av blev bli blir då de dem den denna deras dess det detta dig din dina ditt du där efter ej eller en er era ert ett för
från genom ha hade han hans har hela henne hennes hon honom hur här i icke ingen inget inom inte jag kan kunde man med mellan men mig min
mina mitt mot mycket många måste någon något några nu när och också om oss på sedan sig sin sina sitt själv ska skall skulle som så till
under upp ut utan vad var vara varför varje vi vid vilken vilket vill är över
";

const NORWEGIAN: &str = "
alle alt at av bare begge ble bli blir da de deg dem den denne der dere deres det dette din disse du eller en enn er et etter for fordi
fra før ha hadde han hans har hennes her hun hva hvem hver hvis hvor hvordan hvorfor i ikke ingen inn jeg kan kunne man mange med meg men
mer min mitt mot må ned noe noen nå når og også om opp oss over på samme seg selv sin sitt skal skulle slik som så til um under ut uten var
ved vi vil ville være vært vår
";

const FINNISH: &str = "
ei eivät emme en et ette että he heidän hän hänen ja jo joka jos jossa jotka kaikki kanssa koska kuin kuka kun me mikä minkä minun minä
missä miten mitä mukaan mutta myös ne niiden niin niitä noin nyt näin nämä ole olen olet oli olivat olla on ovat se sekä sen siitä sinun
sinä sitten sitä tai te tulee tämä tämän tätä vaan vai vain voi voit vielä
";

const HUNGARIAN: &str = "
a az abban ahhoz ahogy aki akik akkor alatt által ami amely amelyek arra attól azok azon azonban azt aztán be bár csak de e egy egyes egyik
el ez ezek ezen ezt és fel ha hanem hogy hogyan igen így is itt ki kell le lehet lesz meg mert mi miért mik milyen mint mit most már még mivel
minden nagyon ne nem nincs ott ő ők pedig s sem semmi szerint és tehát úgy után vagy vagyok van vannak volt voltak
";

const ROMANIAN: &str = "
a acea aceasta această aceea acei acel acela acele aceste acestea acești acest acesta acolo ai al ale alt alta alte altul am ar are asta astfel
atunci au avea aveți bine ca că care ce cel cele cei chiar cine cu cum când dacă dar de deci decât deja din după ea ei el ele eu este ești era
face fi fie fost fără iar în încă între la le lor lui mai mea mei meu mi mult nici nimic noi nostru nu o ori orice pe pentru poate prin sa sale
sau se și sub sunt suntem să său tot toate toți tu un una unde unei unii unor unui va vor voi vă
";

const RUSSIAN: &str = "
а без более бы был была были было быть в вам вас весь во вот все всего всех вы где да даже для до его ее её если есть еще ещё же за здесь и
из или им их к как какой ко когда кто ли либо мне можно мой мы на над надо наш не него нее неё нет ни них но ну о об он она они оно от очень
по под при с со так также такой там те тем то того тоже той только том ты у уже хотя чего чей чем что чтобы чья эта эти это этот я
";

const TURKISH: &str = "
acaba ama ancak aslında az bana bazı belki ben benim beri bile bir biri birkaç biz bizim böyle bu buna bunda bundan bunlar bunu bunun burada
çok çünkü da daha de değil diye dolayı en fakat gibi göre hangi hem henüz hep hepsi her hiç için ile ise işte kadar karşı kendi ki kim mı mi
mu mü nasıl ne neden nerede niye o olan olarak oldu olduğu olmak olur on ona ondan onlar onu onun orada öyle pek rağmen sadece sana şey siz
sizin sonra şu tüm üzere var ve veya ya yani yine yok zaten
";
