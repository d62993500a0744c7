"""Which types of schema.org (and of DATAtourisme beside it) are events, places and offers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from allmende.formats.records import Kind

_EVENTS = """
Event BusinessEvent ChildrensEvent ComedyEvent ConferenceEvent CourseInstance DanceEvent DeliveryEvent EducationEvent
EventSeries ExhibitionEvent Festival FoodEvent Hackathon LiteraryEvent MusicEvent PerformingArtsEvent PublicationEvent
BroadcastEvent OnDemandEvent SaleEvent ScreeningEvent SocialEvent SportsEvent TheaterEvent VisualArtsEvent
"""
_OFFERS = """
TouristTrip Trip Product IndividualProduct ProductGroup ProductModel SomeProducts Service FoodService TaxiService
CableOrSatelliteService FinancialProduct GovernmentService RentalCarReservation Course EducationalOccupationalProgram
BoatTrip BusTrip TrainTrip Ticket Offer AggregateOffer
"""
_PLACES = """
Place AdministrativeArea City Country State SchoolDistrict TouristAttraction TouristDestination Residence
ApartmentComplex GatedResidenceCommunity Accommodation Apartment CampingPitch House SingleFamilyResidence Room HotelRoom
MeetingRoom Suite Landform BodyOfWater Canal LakeBodyOfWater OceanBodyOfWater Pond Reservoir RiverBodyOfWater
SeaBodyOfWater Waterfall Continent Mountain Volcano LandmarksOrHistoricalBuildings
CivicStructure Airport Aquarium Beach BoatTerminal Bridge BusStation BusStop Campground Cemetery Crematorium
EducationalOrganization CollegeOrUniversity ElementarySchool HighSchool MiddleSchool Preschool School EventVenue
FireStation GovernmentBuilding CityHall Courthouse DefenceEstablishment Embassy LegislativeBuilding Hospital
MovieTheater
Museum MusicVenue Park ParkingFacility PerformingArtsTheater PlaceOfWorship BuddhistTemple CatholicChurch Church
HinduTemple Mosque Synagogue Playground PoliceStation PublicToilet RVPark StadiumOrArena SubwayStation TaxiStand
TrainStation Zoo
LocalBusiness AnimalShelter ArchiveOrganization AutomotiveBusiness AutoBodyShop AutoDealer AutoPartsStore AutoRental
AutoRepair AutoWash GasStation MotorcycleDealer MotorcycleRepair ChildCare Dentist DryCleaningOrLaundry EmergencyService
EmploymentAgency EntertainmentBusiness AdultEntertainment AmusementPark ArtGallery Casino ComedyClub NightClub
FinancialService AccountingService AutomatedTeller BankOrCreditUnion InsuranceAgency FoodEstablishment Bakery BarOrPub
Brewery CafeOrCoffeeShop Distillery FastFoodRestaurant IceCreamShop Restaurant Winery GovernmentOffice PostOffice
HealthAndBeautyBusiness BeautySalon DaySpa HairSalon HealthClub NailSalon TattooParlor HomeAndConstructionBusiness
Electrician GeneralContractor HVACBusiness HousePainter Locksmith MovingCompany Plumber RoofingContractor
InternetCafe LegalService Attorney Notary Library LodgingBusiness BedAndBreakfast Hostel Hotel Motel Resort SkiResort
VacationRental MedicalBusiness Optician Pharmacy Physician MedicalClinic ProfessionalService RadioStation
RealEstateAgent RecyclingCenter SelfStorage ShoppingCenter SportsActivityLocation BowlingAlley ExerciseGym GolfCourse
PublicSwimmingPool SportsClub TennisComplex Store BikeStore BookStore ClothingStore ComputerStore ConvenienceStore
DepartmentStore ElectronicsStore Florist FurnitureStore GardenStore GroceryStore HardwareStore HobbyShop HomeGoodsStore
JewelryStore LiquorStore MensClothingStore MobilePhoneStore MovieRentalStore MusicStore OfficeEquipmentStore OutletStore
PawnShop PetStore ShoeStore SportingGoodsStore TireShop ToyStore WholesaleStore TelevisionStation
TouristInformationCenter TravelAgency
"""
# Of DATAtourisme only the classes at the top: every object names one of them beside its own.
_BESIDE: Mapping[str, Kind] = {
    "EntertainmentAndEvent": "event",
    "PlaceOfInterest": "place",
    "Tour": "offer",
}
_PLAIN = ("Event", "Place", "LocalBusiness", "Product", "Service", "EventSeries", "Offer", "AggregateOffer")


def _kinds() -> dict[str, Kind]:
    places: dict[str, Kind] = dict.fromkeys(_PLACES.split(), "place")
    offers: dict[str, Kind] = dict.fromkeys(_OFFERS.split(), "offer")
    events: dict[str, Kind] = dict.fromkeys(_EVENTS.split(), "event")
    return places | offers | events


SCHEMA_TYPES: Final[Mapping[str, Kind]] = MappingProxyType(_kinds())
_KINDS: Final[Mapping[str, Kind]] = MappingProxyType({**_BESIDE, **SCHEMA_TYPES})
GENERIC: Final = frozenset(_PLAIN)
"""Types that name the kind and nothing more."""
_RANK: Final[Mapping[Kind, int]] = MappingProxyType({"event": 0, "place": 1, "offer": 2})


@lru_cache(maxsize=4096)
def local_name(name: str) -> str:
    """``"https://schema.org/Event"``, ``"schema:Event"`` and ``"Event"`` are one name."""
    if ":" not in name and "/" not in name:
        return name
    for prefix in ("https://schema.org/", "http://schema.org/", "schema:", "sdo:"):
        if name.startswith(prefix):
            return name[len(prefix) :]
    return name.rstrip("/#").rpartition("/")[2].rpartition("#")[2] or name


def kind_of(types: Iterable[str]) -> Kind | None:
    """Kind of a node of these types; a node that is both an event and a place is an event."""
    best: Kind | None = None
    for name in types:
        kind = _KINDS.get(name) or _KINDS.get(local_name(name))
        if kind is not None and (best is None or _RANK[kind] < _RANK[best]):
            best = kind
    return best


_DEFAULTS: Final[Mapping[Kind, str]] = MappingProxyType({"event": "Event", "place": "Place", "offer": "Service"})


def type_for(kind: Kind, wanted: str) -> str:
    """``wanted`` where it is a type of that kind, else the plain type of the kind: an event is never a mere Thing."""
    return wanted if wanted and kind_of((wanted,)) == kind else _DEFAULTS[kind]


def term(name: str) -> str:
    """A type as a category term: ``"schema:MusicEvent"`` for schema.org's own, else as delivered."""
    short = local_name(name)
    return f"schema:{short}" if short in SCHEMA_TYPES and not name.startswith("schema:") else name
