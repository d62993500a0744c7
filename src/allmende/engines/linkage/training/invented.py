"""Towns that do not exist, with streets, shops, sights and chains: places as city guides and map registers list them.

Real registers that may ship are of museums and monuments; here is the rest of a town.  Everything follows the seed.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from typing import Final

STREETS: Final = {
    "en": "High|Church|Station|Victoria|King|Queen|Mill|Park|London|Bridge|Castle|George|Bloor|Spring|Maple|Orchard|Penn|Forbes|"
    "Fifth|Second|Market|Dundas|College|Serangoon|Elm|Hill|Rose|Canal|Princes|Leith|Clarence|Murray|Walnut|Liberty|Butler|Smith",
    "de": "Haupt|Bahnhof|Kirch|Garten|Schul|Linden|Berg|Goethe|Schiller|Wald|Mühlen|Markt|Ring|Markgrafen|Kant|Seestr|Park|Rathaus|"
    "Burg|Wiesen|Nord|Süd|Rosen|Jahn|Friedrich|Bismarck|Münchner|Basler|Homberger|Uerdinger",
    "fr": "République|Église|Victor Hugo|Jean Jaurès|Gare|Château|Pasteur|Liberté|Moulin|Paix|Remparts|Halles|Foch|Gambetta|Cathédrale|"
    "Fontaine|Carmes|Ormeaux|Voltaire|Marronniers",
    "it": "Roma|Garibaldi|Cavour|Vittorio Emanuele|Mazzini|Dante|Marconi|Castello|Torino|Alfieri|Manzoni|San Francesco|Matteotti|"
    "XX Settembre|Verdi|Gramsci|Carducci|Stazione",
    "nl": "Kerk|Dorps|Molen|School|Stations|Hoog|Nieuw|Prinsen|Wilhelmina|Juliana|Haven|Oranje|Beatrix|Markt|Linden",
    "sv": "Stor|Kungs|Drottning|Kyrko|Skol|Järnvägs|Söder|Norr|Öster|Hamn|Slotts|Trädgårds|Bangårds",
}  # fmt: skip
DISTRICTS: Final = {
    "en": "Riverside Oakwood Westfield Northgate Kensington Marina Bayfront Parkdale Shadyside Morningside Stockbridge Bedok Jurong",
    "de": "Altstadt Neustadt Weststadt Asberg Linn Bockum Hüls Scherpenberg Traar Nordend Seefeld Bergheim Uerdingen",
    "fr": "Centre Saint-Cyprien Capucins Carmes Minimes Faubourg Beauregard Montplaisir Rangueil Arceaux",
    "it": "Centro Crocetta Vanchiglia Lingotto Aurora Sassi Borgo Parella Mirafiori Collina",
    "nl": "Centrum Noord Oost Zuid Kattenburg Overvecht Kralingen Delfshaven",
    "sv": "Centrum Haga Majorna Linnéstaden Möllan Limhamn Söder Östermalm",
}
TOWNS: Final = (
    ("Kingsford", "en", -3.19, 55.95), ("Port Albert", "en", 103.85, 1.30), ("Lakemont", "en", -79.38, 43.65),
    ("Three Rivers", "en", -79.99, 40.44), ("Altenbach", "de", 7.66, 47.66), ("Krefurt", "de", 6.58, 51.33),
    ("Villeneuve", "fr", 1.44, 43.60), ("Casalborgo", "it", 7.69, 45.07), ("Oosterwijk", "nl", 4.90, 52.37),
    ("Malmköping", "sv", 13.00, 55.60), ("Sedge Bay", "en", -0.13, 50.82), ("Neumark", "de", 11.34, 48.00),
)  # fmt: skip
SURNAMES: Final = ["Miller", "Brown", "Singh", "Tan", "Lee", "Chen", "Wong", "Murphy", "Kelly", "Rossi", "Bianchi", "Ferrari", "Müller", "Schmidt", "Huber", "Wagner", "Maier", "Dubois", "Martin", "Petit", "Moreau", "Jansen", "Visser", "Bakker", "Larsson", "Nilsson", "Berg", "Costa", "Silva", "Garcia", "Lopez", "Nguyen", "Kim", "Park", "Patel", "Khan", "Ali", "Cohen", "Novak", "Horvat", "Henderson", "Fraser", "Wallace", "Campbell", "O'Brien", "D'Angelo", "Primanti", "Lim", "Goh", "Ng", "Teo", "Antonio", "Giulia", "Luigi", "Maria", "Joe", "Tony", "Sam", "Rosa", "Anna"]  # fmt: skip
NOUNS: Final = ["Lion", "Crown", "Swan", "Dragon", "Phoenix", "Lotus", "Orchid", "Bamboo", "Jade", "Pearl", "Anchor", "Compass", "Lantern", "Fountain", "Oak", "Willow", "Maple", "Cedar", "Fox", "Bear", "Eagle", "Raven", "Owl", "Dolphin", "Whale", "Star", "Moon", "Sun", "Sky", "River", "Ocean", "Garden", "Corner", "Cottage", "Bridge", "Arch", "Gate", "Tower", "Mill", "Barn", "Cellar", "Attic", "Sonne", "Krone", "Löwen", "Adler", "Hirschen", "Ochsen", "Traube", "Rössle", "Bären", "Linde", "Soleil", "Lune", "Cygne", "Étoile", "Jardin", "Luna", "Stella", "Sole", "Gatto", "Delfino"]  # fmt: skip
ADJECTIVES: Final = ["Golden", "Red", "Blue", "Green", "White", "Black", "Silver", "Royal", "Grand", "Little", "Old", "New", "Happy", "Lucky", "Crazy", "Hungry", "Quiet", "Wild", "Blind", "Flying", "Dancing", "Jolly", "Sweet", "Fresh", "Urban", "Rustic", "Modern", "Ancient", "Hidden", "Secret", "Noble", "Velvet", "Copper", "Iron", "Crystal", "Amber", "Electric", "Floating"]  # fmt: skip
CUISINES: Final = ["Thai", "Indian", "Chinese", "Japanese", "Korean", "Vietnamese", "Italian", "Mexican", "French", "Greek", "Turkish", "Lebanese", "Vegan", "Seafood", "Burger", "Noodle", "Sushi", "Ramen", "Curry", "Chicken", "Rice", "Kebab", "Tapas", "Pizza", "Bagel", "Sandwich", "Salad", "Juice", "Tea", "Bubble"]  # fmt: skip
BRANDS: Final = ["Starbucks", "McDonald's", "Subway", "Burger King", "KFC", "Pizza Hut", "Domino's Pizza", "Costa Coffee", "Caffè Nero", "Pret A Manger", "Tim Hortons", "Dunkin' Donuts", "7-Eleven", "Tesco Express", "Sainsbury's Local", "Lidl", "Aldi", "Netto", "Edeka", "Rewe", "Spar", "Carrefour City", "Monoprix", "Coop", "ICA Nära", "Albert Heijn", "Boots", "Superdrug", "Rossmann", "dm-drogerie markt", "Walgreens", "CVS Pharmacy", "Shoppers Drug Mart", "Guardian", "Watsons", "Deutsche Bank", "Sparkasse", "Volksbank", "Royal Bank of Scotland", "Bank of Montreal", "TD Canada Trust", "PNC Bank", "HSBC", "DBS", "OCBC Bank", "UOB", "Crédit Agricole", "BNP Paribas", "UniCredit", "Intesa Sanpaolo", "Shell", "Esso", "BP", "Total", "Aral", "Petro-Canada", "Holiday Inn", "Ibis", "Premier Inn", "Travelodge", "Best Western", "Hampton Inn", "Hilton Garden Inn", "H&M", "Zara", "Uniqlo", "C&A", "Primark", "Marks & Spencer", "Poundland", "Greggs", "Nando's", "Wagamama", "Five Guys", "Chipotle", "Ya Kun Kaya Toast", "Toast Box", "Kopitiam", "Cold Storage", "FairPrice", "Giant Eagle", "Rite Aid", "Popeyes", "Wendy's", "Swiss Chalet", "Second Cup", "LCBO", "The Body Shop", "Vodafone", "O2", "T-Mobile", "Orange", "Post Office", "UPS Store", "FedEx Office", "Gold's Gym", "Fitness First", "Anytime Fitness", "PureGym", "Ladbrokes", "William Hill", "Costcutter", "Co-operative Food", "Waterstones", "WHSmith", "Oxfam", "Cancer Research UK", "Scotmid", "Vapiano", "Nordsee", "Backwerk"]  # fmt: skip
TYPES: Final = {
    "en": {
        "restaurant": "Restaurant|Kitchen|Grill|Bistro|Eatery|Diner|House|Steakhouse", "cafe": "Café|Coffee|Coffee House|Espresso Bar|Tea Room",
        "bar": "Bar|Pub|Tavern|Inn|Lounge|Club", "shop": "Store|Shop|Boutique|Gifts|Books|Market|Jewellers|Tailor|Florist",
        "hair": "Hair|Hair Salon|Barbers|Beauty Salon|Nails|Spa", "hotel": "Hotel|Guest House|Hostel|Suites",
        "clinic": "Dental Clinic|Medical Centre|Veterinary Clinic|Dental Practice|Hospital|Physiotherapy",
        "school": "Primary School|High School|Secondary School|Nursery|College|Academy", "church": "Church|Parish Church|Baptist Church|Chapel",
        "park": "Park|Gardens|Playground|Playing Fields", "sport": "Gym|Leisure Centre|Sports Centre|Swimming Pool|Yoga Studio",
        "office": "Solicitors|Accountants|Estate Agents|Consulting|Insurance|Properties|Travel", "station": "Station|Bus Station|MRT Station",
        "library": "Library|Public Library", "gallery": "Gallery|Art Gallery|Museum|Heritage Centre", "tower": "House|Tower|Building|Court|Plaza|Centre",
    },
    "de": {
        "restaurant": "Restaurant|Gasthaus|Gaststätte|Gasthof|Wirtshaus|Pizzeria", "cafe": "Café|Kaffeehaus|Bäckerei|Konditorei|Eiscafé",
        "bar": "Bar|Kneipe|Weinstube", "shop": "Buchhandlung|Apotheke|Blumen|Optik|Schuhhaus|Metzgerei|Weinhandlung", "hair": "Friseur|Kosmetik",
        "hotel": "Hotel|Pension|Ferienwohnung", "clinic": "Zahnarztpraxis|Klinik|Tierarztpraxis", "school": "Grundschule|Gymnasium|Musikschule|Kita",
        "church": "Kirche|Pfarrkirche|Kapelle", "park": "Park|Spielplatz|Stadtgarten", "sport": "Sportverein|Turnhalle|Freibad|Tennisclub",
        "office": "Rechtsanwälte|Steuerberatung|Immobilien", "station": "Bahnhof", "library": "Stadtbücherei|Bibliothek",
        "gallery": "Museum|Heimatmuseum|Galerie", "tower": "Haus|Halle|Bürgerhaus|Rathaus",
    },
    "fr": {
        "restaurant": "Restaurant|Brasserie|Auberge|Bistrot|Crêperie", "cafe": "Café|Salon de thé|Boulangerie", "bar": "Bar|Pub|Cave",
        "shop": "Librairie|Pharmacie|Boutique|Fleuriste|Fromagerie", "hotel": "Hôtel|Chambres d'hôtes|Gîte", "school": "École|Collège|Lycée",
        "church": "Église|Chapelle|Abbaye", "park": "Parc|Jardin", "gallery": "Musée|Galerie|Maison", "tower": "Château|Halle|Maison|Salle",
        "library": "Médiathèque|Bibliothèque", "office": "Notaire|Agence Immobilière|Cabinet",
    },
    "it": {
        "restaurant": "Ristorante|Trattoria|Osteria|Pizzeria", "cafe": "Caffè|Gelateria|Pasticceria", "bar": "Bar|Enoteca",
        "shop": "Libreria|Farmacia|Negozio|Panificio", "hotel": "Albergo|Hotel|Agriturismo", "church": "Chiesa|Basilica|Cappella",
        "gallery": "Museo|Galleria|Casa", "tower": "Palazzo|Castello|Villa", "school": "Scuola|Liceo", "library": "Biblioteca",
    },
    "nl": {
        "restaurant": "Restaurant|Eetcafé|Pannenkoekenhuis", "cafe": "Café|Koffiehuis|Bakkerij", "shop": "Boekhandel|Apotheek|Winkel|Slijterij",
        "hotel": "Hotel|Herberg", "church": "Kerk|Kapel", "gallery": "Museum|Galerie", "tower": "Kasteel|Molen|Huis", "school": "Basisschool|School",
    },
    "sv": {
        "restaurant": "Restaurang|Krog|Pizzeria", "cafe": "Kafé|Konditori|Bageri", "shop": "Butik|Apotek|Bokhandel", "hotel": "Hotell|Pensionat",
        "church": "Kyrka|Kapell", "gallery": "Museum|Galleri", "tower": "Slott|Gård", "school": "Skola|Gymnasium", "library": "Bibliotek",
    },
}  # fmt: skip
INSTITUTIONS: Final = ["University of {town}", "{town} University", "{town} General Hospital", "{town} Airport", "{noun} Shopping Centre", "{district} Community Centre", "{town} Convention Centre", "{noun} Science Park", "National Institute of {cuisine} Studies"]  # fmt: skip
UNITS: Final = ["Faculty of Law", "School of Medicine", "Main Library", "Building A", "Building B", "North Wing", "Car Park", "Food Court", "Block 1", "Block 2", "Hall", "Reception", "Gift Shop", "Terminal 1", "Terminal 2", "Department of History", "Student Centre", "Café", "Entrance", "Swimming Pool", "Lecture Theatre 3", "Level 2"]  # fmt: skip


@dataclass(slots=True)
class Spot:
    """One true place, of which registers know more or less."""

    name: str
    lang: str
    town: str
    district: str
    street: str
    house: int
    postal: str
    lon: float
    lat: float
    phone: str = ""
    url: str = ""
    category: str = ""
    brand: str = ""
    text: str = ""
    others: tuple[str, ...] = ()
    """Names of the same thing in other words."""
    parts: list[str] = field(default_factory=list)


def _street(chance: random.Random, lang: str) -> str:
    base = chance.choice(STREETS[lang].split("|"))
    match lang:
        case "en":
            kind = chance.choice(["Street", "Street", "Road", "Avenue", "Lane", "Drive", "Square", "Place"])
            side = chance.choice(["", "", "", "North ", "West ", "E. "])
            return f"{side}{base} {kind}"
        case "de":
            return (
                base + chance.choice(["straße", "straße", "weg", "platz", "allee"])
                if base[-1] != "r"
                else f"{base} Straße"
            )
        case "fr":
            return chance.choice(["rue de la ", "rue ", "avenue ", "place de la ", "boulevard "]) + base
        case "it":
            return chance.choice(["Via ", "Via ", "Corso ", "Piazza "]) + base
        case "nl":
            return base.lower().capitalize() + chance.choice(["straat", "weg", "plein", "laan"])
        case _:
            return base + chance.choice(["gatan", "vägen", "torget"])


def _slug(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum() and c.isascii())[:24] or "page"


def _name(chance: random.Random, lang: str, town: str, district: str, street: str) -> tuple[str, str, str]:
    """(name, category, brand)."""
    sort = chance.choice(sorted(TYPES[lang]))
    kind = chance.choice(TYPES[lang][sort].split("|"))
    noun, surname, adjective = chance.choice(NOUNS), chance.choice(SURNAMES), chance.choice(ADJECTIVES)
    draw = chance.random()
    if draw < 0.16:
        brand = chance.choice(BRANDS)
        return brand if chance.random() < 0.7 else f"{brand} {chance.choice([district, street, town])}", "shop", brand
    if draw < 0.22:
        pattern = chance.choice(INSTITUTIONS)
        name = pattern.format(town=town, noun=noun, district=district, cuisine=chance.choice(CUISINES))
        return (
            (f"{name} {chance.choice(['', '- ', ', '])}{chance.choice(UNITS)}" if chance.random() < 0.6 else name),
            "institution",
            "",
        )
    if draw < 0.32:
        return (f"{district} {kind}" if lang in {"en", "sv", "nl"} else f"{kind} {district}"), sort, ""
    if draw < 0.37:
        base = street.rsplit(" ", 1)[0] if lang == "en" else street
        return f"{base} {kind}", sort, ""
    if draw < 0.41:
        return (
            f"{chance.choice(['Block', 'Blk', 'Bus Stop', 'Parkplatz', 'Halle', 'Gate'])} {chance.randrange(1, 400)}",
            sort,
            "",
        )
    if lang != "en":
        forms = [f"{kind} {noun}", f"{kind} {surname}", f"{kind} zum {noun}" if lang == "de" else f"{kind} {adjective}",
                 f"{noun} {kind}", f"{surname}s {kind}", noun, f"{kind} {surname} & {chance.choice(SURNAMES)}"]  # fmt: skip
        return chance.choice(forms), sort, ""
    forms = [
        f"{surname}'s {kind}", f"The {adjective} {noun}", f"{adjective} {noun} {kind}", f"{noun} {kind}", f"{noun} & {chance.choice(NOUNS)}",
        f"{chance.choice(CUISINES)} {noun}", f"{surname} {chance.choice(CUISINES)} {kind}", f"{surname} & {chance.choice(SURNAMES)} {kind}",
        f"The {noun} {kind}", f"{adjective} {chance.choice(CUISINES)}", f"Saint {surname} {kind}", f"{surname}", f"{noun}", f"{kind} {surname}",
        f"{surname} {adjective} {noun} {kind} Ltd",
    ]  # fmt: skip
    return chance.choice(forms), sort, ""


def towns(chance: random.Random, size: int) -> list[list[Spot]]:
    """For each town ``size`` places along its streets: numbers follow the street, chains have several branches."""
    return [_town(chance, size, *town) for town in TOWNS]


def _town(chance: random.Random, size: int, town: str, lang: str, lon: float, lat: float) -> list[Spot]:
    squeeze = math.cos(math.radians(lat))
    districts = DISTRICTS[lang].split()
    streets = []
    for _ in range(max(10, size // 12)):
        x, y, angle = chance.gauss(0, 900), chance.gauss(0, 900), chance.random() * math.tau
        streets.append((_street(chance, lang), chance.choice(districts), x, y, angle, chance.randrange(10_000, 99_000)))
    spots: list[Spot] = []
    for _ in range(size):
        street, district, x, y, angle, postal = chance.choice(streets)
        # A quarter is in a house that has something already.
        if spots and chance.random() < 0.25:
            near = chance.choice(spots)
            street, district, house = near.street, near.district, near.house
            px, py, code = near.lon, near.lat, near.postal
        else:
            house = chance.randrange(1, 120)
            px = lon + (x + math.cos(angle) * house * 7) / 111_195 / squeeze
            py, code = lat + (y + math.sin(angle) * house * 7) / 111_195, str(postal)
        name, category, brand = _name(chance, lang, town, district, street)
        host = _slug(brand or name) + chance.choice([".com", ".net", ".de", ".sg", ".ca", ".fr"])
        spots.append(
            Spot(
                name, lang, town, district, street, house, code, px, py, str(chance.randrange(60_000_000, 69_999_999)),
                f"https://www.{host}/" + (f"stores/{_slug(street)}-{house}" if brand and chance.random() < 0.5 else ""), category, brand,
            )
        )  # fmt: skip
    return spots
