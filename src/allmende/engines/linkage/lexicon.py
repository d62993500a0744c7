"""Words that say what sort of thing a name is about, in the languages of the region, and short forms.

A name is recognised by its rare words.  Words listed here are common: they count little, and those of one line are one
word in several languages.
"""

from __future__ import annotations

from typing import Final


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CONCEPTS: Final = """
museum: museum musee museo museet museums musees musei museen museu
gallery: gallery galerie galleria galeria galleriet galleri kunsthalle pinacoteca pinakothek
church: church kirche eglise chiesa kerk kyrka kirke iglesia parish pfarrkirche parrocchia paroisse pfarre cathedrale cathedral dom duomo cattedrale basilica basilika basilique
chapel: chapel kapelle chapelle cappella kapel kapell
abbey: abbey kloster abbaye abbazia klooster convent couvent convento monastery monastero abtei
castle: castle schloss chateau castello kasteel slot slott burg castillo palais palazzo palace palast fortress rocca
tower: tower turm tour torre toren torn
mill: mill muhle moulin mulino molen kvarn molle
park: park parc parco parken garden garten jardin giardino gardens have jardins tuin
cafe: cafe caffe kaffee coffee coffeehouse kaffeehaus koffie kaffe espresso caffetteria
restaurant: restaurant ristorante restaurang restaurante gaststatte gasthaus gasthof wirtshaus landgasthaus trattoria osteria brasserie bistro bistrot diner eatery kitchen grill dining grille taverna locanda steakhouse
bar: bar pub tavern kneipe lounge taproom brewpub inn club
bakery: bakery backerei boulangerie panificio bakkerij bageri patisserie konditorei
icecream: gelateria icecream eisdiele glacier gelato
pizzeria: pizzeria pizza
deli: deli delicatessen delikatessen
hotel: hotel hotell auberge albergo pension hostel guesthouse motel herberge hostellerie suites resort
apartment: apartment ferienwohnung gite appartement apartments ferienhaus
school: school schule ecole scuola skola skole grundschule gymnasium college academy akademie lycee
university: university universitat universite universita universitet hochschule campus faculty
library: library bibliothek bibliotheque biblioteca bibliotek bibliotheek bucherei mediatheque mediathek
theatre: theater theatre teatro teater schauspielhaus opera oper
cinema: cinema kino movies kinos bio cine filmtheater
hall: hall halle salle sala hal saal aula mehrzweckhalle festhalle stadthalle zaal
townhall: rathaus mairie municipio townhall stadhuis radhus hotelde comune
station: station bahnhof gare stazione mrt lrt metro subway bus busstop haltestelle terminal stop interchange
pharmacy: pharmacy apotheke pharmacie farmacia apotheek apotek chemist drugstore
bank: bank banque banca sparkasse atm
shop: shop store laden boutique geschaft negozio winkel butik magasin market supermarket supermarkt supermarche outlet retail mart
market: markt marche mercato marked marknad bazaar basar
centre: centre center zentrum centro centrum mall plaza shopping
office: office buro bureau ufficio kontor headquarters hq
clinic: clinic hospital krankenhaus hopital ospedale klinik praxis medical dental surgery sykehus
sport: gym fitness stadium stadion stade stadio sporthalle turnhalle arena pool schwimmbad piscine piscina freibad hallenbad sports
club_sport: sportverein turnverein fussballclub tsv sv fc djk
society: verein association associazione vereniging forening societe gesellschaft stiftung fondation fondazione foundation ev gmbh ltd llc inc pte co corp plc limited ag kg
beach: beach strand plage spiaggia badestelle
viewpoint: viewpoint aussichtspunkt belvedere
playground: playground spielplatz aire
car_park: parking parkplatz carpark garage
post: post poste postamt postoffice
house: house haus maison casa huis hus home villa
building: building gebaude batiment tower towers block blk
festival: festival fest fete festa feest fete festivals festspiele
concert: concert konzert concerto concerts konzerte koncert konsert
exhibition: exhibition ausstellung exposition mostra tentoonstelling utstallning udstilling expo sonderausstellung
tour: tour fuhrung visite visita rondleiding guidee guidata rundgang stadtfuhrung visites
walk: walk wanderung randonnee escursione wandeling spaziergang balade vandring
workshop: workshop atelier laboratorio kurs course cours stage seminar
lecture: lecture vortrag conference conferenza lezing foredrag talk
reading: reading lesung lecture lettura
show: show spectacle spettacolo voorstelling vorstellung auffuhrung forestilling
xmas: weihnachtsmarkt christkindlmarkt adventsmarkt weihnachtsbasar
children: kinder enfants bambini kids children kinderen familie famille family
"""

GENERIC: Final[dict[str, str]] = {}
"""Common word -> the concept it stands for; the first line that names a word wins."""
for _line in _CONCEPTS.strip().splitlines():
    _concept, _words = _line.split(": ")
    for _word in _words.split():
        GENERIC.setdefault(_word, _concept)

_ENDINGS: Final = (
    "museum museet kirche kapelle schloss theater bibliothek schule markt halle konzert wanderung fuhrung haus stadion "
    "festival fest platz strasse garten apotheke ausstellung vortrag kurs lesung vorstellung backerei gasthof hotel cafe "
    "park muhle turm tour"
)
SUFFIXES: Final = tuple(_ENDINGS.split())
"""Second parts of German, Dutch and Nordic compounds: ``heimatmuseum`` is ``heimat`` + ``museum``."""

STOPWORDS: Final = _set(
    "the a of at on for and to by in le la les l d de du des et au aux un une di del della dello dell dei degli delle da dal "
    "dalla il lo gli i al alla nel nella sul e ed y der die das dem den des ein eine einer und vom von zu zum zur im am an auf "
    "bei beim mit fur aus het een van voor en op te ter det och i pa til med og s"
)

SHORT_FORMS: Final[dict[str, str]] = {
    "st": "saint",
    "ste": "saint",
    "sainte": "saint",
    "sankt": "saint",
    "san": "saint",
    "santa": "saint",
    "santo": "saint",
    "sant": "saint",
    "mt": "mount",
    "ctr": "centre",
    "nat": "national",
    "natl": "national",
    "int": "international",
    "intl": "international",
    "univ": "university",
    "rest": "restaurant",
    "dept": "department",
    "bros": "brothers",
    "mus": "museum",
    "bldg": "building",
    "stn": "station",
    "govt": "government",
    "hosp": "hospital",
    "blk": "block",
    "grille": "grill",
}

NUMBER_WORDS: Final[dict[str, int]] = {
    word: value
    for value, words in enumerate(
        (
            "first erste erster erstes premier premiere prima primo eerste",
            "second zweite zweiter zweites deuxieme seconde seconda secondo tweede",
            "third dritte dritter drittes troisieme terza terzo derde",
            "fourth vierte vierter quatrieme quarta quarto vierde",
            "fifth funfte cinquieme quinta quinto vijfde",
            "sixth sechste sixieme sesta zesde",
            "seventh siebte septieme settima",
            "eighth achte huitieme ottava",
            "ninth neunte neuvieme nona",
            "tenth zehnte dixieme decima",
        ),
        start=1,
    )
    for word in words.split()
}
_ROMAN: Final = "i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx"
ROMAN: Final[dict[str, int]] = {word: value for value, word in enumerate(_ROMAN.split(), 1)}
TIMES_OF_DAY: Final[dict[str, str]] = {
    word: part
    for part, words in {
        "morning": "morgen vormittag vormittags morning matin matinee matin mattina ochtend formiddag formiddag fruhstuck",
        "afternoon": "nachmittag nachmittags nachmittagsvorstellung afternoon pomeriggio middag eftermiddag",
        "evening": "abend abends abendvorstellung evening soiree soir sera serata avond aften kvall night nacht nuit notte",
    }.items()
    for word in words.split()
}
PARTS_OF: Final = _set(
    "gift parking parkplatz carpark entrance eingang playground spielplatz kasse ticket tickets toilets wc lobby rooftop annex "
    "annexe nord sud ost west north south east etage stock stop lot gate terminal depot kiosk atm"
)
"""What is added to a name when a part of the thing is meant."""
APART_SORTS: Final = frozenset(
    (
        "park",
        "museum",
        "shop",
        "cafe",
        "restaurant",
        "bar",
        "station",
        "playground",
        "car_park",
        "hotel",
        "library",
        "bank",
        "hall",
    )
)
"""Concepts that make another thing of a name when they are added to it: the castle's park, the museum in the castle."""
STREET_TYPES: Final[dict[str, str]] = {
    word: kind
    for kind, words in {
        "street": "street st str strasse straat gade gata gatan rue via vej vagen vag calle r",
        "avenue": "avenue ave av viale",
        "road": "road rd route rte strada weg chemin",
        "place": "place pl platz piazza plein square sq plads torget largo piazzale piazzetta",
        "boulevard": "boulevard blvd bd blv bvd corso",
        "drive": "drive dr",
        "lane": "lane ln la gasse vicolo",
        "court": "court ct cour hof",
        "allee": "allee allees alley",
        "quay": "quai quay ufer lungolago kai",
        "terrace": "terrace ter terr",
        "crescent": "crescent cres",
        "parkway": "parkway pkwy",
        "highway": "highway hwy",
    }.items()
    for word in words.split()
}
DIRECTIONS: Final[dict[str, str]] = {
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
    "northeast": "ne",
    "northwest": "nw",
    "southeast": "se",
    "southwest": "sw",
    **{word: word for word in ("n", "s", "e", "w", "ne", "nw", "se", "sw")},
}
LISTING_PAGES: Final = _set(
    "termine termin veranstaltungen veranstaltung veranstaltungskalender kalender calendar events event agenda programm "
    "programme program aktuelles news startseite start home index newpage kontakt contact tickets evenementen evenements "
    "manifestations eventi calendario kurse angebote spielplan uebersicht ubersicht about impressum locations stores "
    "filialen standorte musees museums musei kalendarium arrangementer evenemang menu restaurant restaurants"
)
"""Last parts of addresses that list many things, and so say nothing about one."""
SHARED_HOSTS: Final = _set(
    "facebook.com m.facebook.com de-de.facebook.com instagram.com twitter.com x.com youtube.com google.com maps.google.com "
    "goo.gl linktr.ee eventbrite.com eventbrite.de eventbrite.fr tripadvisor.com yelp.com foursquare.com wikipedia.org "
    "de.wikipedia.org fr.wikipedia.org en.wikipedia.org it.wikipedia.org t.me linkedin.com tiktok.com booking.com "
    "meetup.com eventim.de reservix.de"
)
"""Hosts where everybody has a page."""
