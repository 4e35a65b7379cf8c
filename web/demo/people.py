"""Who and what the demonstration shows: two clearly fictional places, written as data."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from instance.audience import Audience
from instance.listings import Direction
from instance.needs import Need
from instance.organisations import Kind
from instance.residents import Role

PASSWORD = "palier-demo"  # noqa: S105 - the demonstration prints it on the terminal; it guards nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of the demonstration. `writes_for` names an organisation's slug."""

    login: str
    first_name: str
    last_name: str
    building: str | None = None
    role: Role = Role.RESIDENT
    writes_for: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A building: its quarter, how many lots it has, who put up its screen."""

    name: str
    street: str
    quarter: str
    lots: str
    installer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """An organisation; without a quarter it speaks for the whole city."""

    slug: str
    name: str
    kind: Kind
    summary: str
    quarter: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """An offer or request to hang up."""

    by: str
    direction: Direction
    title: str
    body: str
    audience: Audience
    byline: str | None = None
    # What is drawn on it, in words; None for no picture.
    picture: str | None = None
    # Where it can be had on weekdays from 18 to 20; None for an offer without hours.
    evenings: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A request that reaches further by itself, in the evening."""

    by: str
    title: str
    body: str
    audience: Audience
    need: Need


@dataclass(frozen=True, slots=True, kw_only=True)
class Lending:
    """Something that is lent to a neighbour who asked for it."""

    title: str
    to: str
    body: str
    shown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A piece of news to publish."""

    by: str
    organisation: str
    title: str
    summary: str
    body: str
    audience: Audience
    building: str | None = None
    # From which hour to which it takes place on the next Saturday, and where.
    saturday: tuple[int, int] | None = None
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One instance of the demonstration."""

    name: str
    quarters: Sequence[str]
    houses: Sequence[House]
    publishers: Sequence[Publisher]
    people: Sequence[Person]
    slips: Sequence[Slip] = field(default=())
    asks: Sequence[Ask] = field(default=())
    lent: Sequence[Lending] = field(default=())
    stories: Sequence[Story] = field(default=())


MICOCOULIERS = "Résidence Les Micocouliers"
PLATANES = "Immeuble Les Platanes"
AMANDIERS = "Le Clos des Amandiers"

# Twenty-two households of one building: first names in the order of the alphabet, made-up last names.
_MORE = (
    "Basile Fictif, Clara Maquette, Driss Témoin, Elsa Brouillon, Farid Esquisse, Gisèle Prototype, Hugo Factice,"
    " Inès Postiche, Jules Canular, Karima Fantaisie, Léon Légende, Mina Fable, Noé Mirage, Olga Songe, Paul Chimère,"
    " Quitterie Conte, Rachid Utopie, Suzanne Rêverie, Tom Figurant, Ursule Doublure"
)


def _neighbours(text: str, *, building: str) -> list[Person]:
    people = []
    for full_name in text.split(", "):
        first_name, last_name = full_name.split(" ")
        login = f"{_plain(first_name)}.{_plain(last_name)}"
        people.append(Person(login=login, first_name=first_name, last_name=last_name, building=building))
    return people


def _plain(name: str) -> str:
    return name.lower().translate(str.maketrans("éèêëàâîïôöùûüç", "eeeeaaiioouuuc"))


MARSEILLE = Scene(
    name="Marseille",
    quarters=("Saint-Julien", "Montolivet"),
    houses=(
        House(
            name=MICOCOULIERS,
            street="14 rue des Essais",
            quarter="Saint-Julien",
            lots="1-44",
            installer="batir_exemple",
        ),
        House(name=AMANDIERS, street="3 impasse du Brouillon", quarter="Montolivet", lots="1-12"),
    ),
    publishers=(
        Publisher(
            slug="mairie",
            name="Mairie (démonstration)",
            kind=Kind.TOWN_HALL,
            summary="Les nouvelles de la ville, pour tous les quartiers.",
        ),
        Publisher(
            slug="jardins_saint_julien",
            name="Les Jardins partagés de Saint-Julien",
            kind=Kind.ASSOCIATION,
            summary="Un jardin, des outils en commun, un goûter le premier samedi du mois.",
            quarter="Saint-Julien",
        ),
        Publisher(
            slug="batir_exemple",
            name="Bâtir Exemple",
            kind=Kind.DEVELOPER,
            summary="Le constructeur de la résidence Les Micocouliers.",
        ),
    ),
    people=(
        Person(login="admin", first_name="Ada", last_name="Registre", role=Role.ADMINISTRATOR),
        Person(login="moderation", first_name="Maud", last_name="Mesure", role=Role.MODERATOR),
        Person(login="odile", first_name="Odile", last_name="Exemple", building=MICOCOULIERS),
        Person(login="amir", first_name="Amir", last_name="Modèle", building=MICOCOULIERS),
        *_neighbours(_MORE, building=MICOCOULIERS),
        Person(login="victor", first_name="Victor", last_name="Ailleurs", building=AMANDIERS),
        Person(login="jardins", first_name="Flora", last_name="Semis", writes_for="jardins_saint_julien"),
        Person(login="mairie", first_name="Marc", last_name="Annonce", writes_for="mairie"),
        Person(login="chantier", first_name="Céline", last_name="Chantier", writes_for="batir_exemple"),
    ),
    slips=(
        Slip(
            by="amir",
            direction=Direction.REQUEST,
            title="Un œuf pour ce soir",
            body="Il m’en manque **un seul** pour un gâteau. Je monte ou vous descendez, comme vous préférez.",
            audience=Audience.BUILDING,
        ),
        Slip(
            by="basile.fictif",
            direction=Direction.OFFER,
            title="Escabeau trois marches",
            body="Il est sur le palier du deuxième. À rapporter le soir même.",
            audience=Audience.BUILDING,
            evenings="Sur le palier du deuxième",
        ),
        Slip(
            by="clara.maquette",
            direction=Direction.REQUEST,
            title="Garder deux enfants vendredi",
            body="De 18 h à 20 h, au pied de l’immeuble s’il fait beau. Je rends la pareille.",
            audience=Audience.QUARTER,
        ),
        Slip(
            by="gisele.prototype",
            direction=Direction.OFFER,
            title="Appareil à raclette",
            body="Pour six. Il est propre et le reste.",
            audience=Audience.BUILDING,
        ),
        Slip(
            by="odile",
            direction=Direction.OFFER,
            title="Perceuse à percussion",
            body="Avec ses forets, pour un week-end. À prendre et à rendre dans le quartier.",
            audience=Audience.NETWORK,
            byline="Une voisine de Saint-Julien",
            picture="Une perceuse bleue sur une étagère",
        ),
    ),
    asks=(
        Ask(
            by="karima.fantaisie",
            title="Une pompe à vélo",
            body="Pour gonfler deux pneus, dix minutes suffisent.",
            audience=Audience.QUARTER,
            need=Need.TOOL,
        ),
    ),
    lent=(
        Lending(
            title="Appareil à raclette", to="hugo.factice", body="Je le prends ce soir ?", shown="Six poêlons, tous là"
        ),
    ),
    stories=(
        Story(
            by="chantier",
            organisation="batir_exemple",
            title="Ascenseur B : technicien jeudi 9 h",
            summary="L’ascenseur B s’arrête jeudi de 9 h à 11 h. L’ascenseur A fonctionne.",
            body="Le technicien règle les portes **jeudi de 9 h à 11 h**.\n\nL’ascenseur A fonctionne.",
            audience=Audience.BUILDING,
            building=MICOCOULIERS,
        ),
        Story(
            by="mairie",
            organisation="mairie",
            title="Collecte des encombrants avancée d’un jour",
            summary="La collecte passe mercredi au lieu de jeudi, à partir de 6 h.",
            body="Cette semaine, la collecte passe **mercredi** au lieu de jeudi, à partir de 6 h.",
            audience=Audience.INSTANCE,
        ),
        Story(
            by="jardins",
            organisation="jardins_saint_julien",
            title="Bourse aux plants samedi matin",
            summary="Samedi de 9 h à 12 h au jardin partagé : apportez vos plants, repartez avec d’autres.",
            body="Samedi de 9 h à 12 h, au jardin partagé.\n\nApportez vos plants en trop, repartez avec d’autres.",
            audience=Audience.NETWORK,
            saturday=(9, 12),
            place="Jardin partagé de Saint-Julien",
        ),
    ),
)

BARNABE = Scene(
    name="CIQ de Saint-Barnabé",
    quarters=("Saint-Barnabé",),
    houses=(House(name=PLATANES, street="27 avenue du Modèle", quarter="Saint-Barnabé", lots="1-16"),),
    publishers=(
        Publisher(
            slug="ciq_saint_barnabe",
            name="CIQ de Saint-Barnabé (démonstration)",
            kind=Kind.COMMITTEE,
            summary="Le comité d’intérêt de quartier : réunions, travaux, fêtes.",
            quarter="Saint-Barnabé",
        ),
        Publisher(
            slug="librairie_temoin",
            name="Librairie Témoin",
            kind=Kind.SHOP,
            summary="Des livres, des cartes, et une table pour les lire.",
            quarter="Saint-Barnabé",
        ),
    ),
    people=(
        Person(login="admin", first_name="Alix", last_name="Registre", role=Role.ADMINISTRATOR),
        Person(login="moderation", first_name="Milo", last_name="Mesure", role=Role.MODERATOR),
        Person(login="camille", first_name="Camille", last_name="Essai", building=PLATANES),
        Person(login="denis", first_name="Denis", last_name="Ébauche", building=PLATANES),
        Person(login="ciq", first_name="Edith", last_name="Tribune", building=PLATANES, writes_for="ciq_saint_barnabe"),
        Person(login="librairie", first_name="Lou", last_name="Marque", writes_for="librairie_temoin"),
    ),
    slips=(
        Slip(
            by="denis",
            direction=Direction.REQUEST,
            title="Un coup de main pour une armoire",
            body="Elle est lourde et l’escalier tourne. Un quart d’heure suffit, samedi.",
            audience=Audience.BUILDING,
        ),
        Slip(
            by="camille",
            direction=Direction.OFFER,
            title="Cours de guitare pour débuter",
            body="Une heure le mercredi, chez vous ou dans le hall. Contre un café.",
            audience=Audience.NETWORK,
            byline="Camille, de Saint-Barnabé",
        ),
    ),
    stories=(
        Story(
            by="ciq",
            organisation="ciq_saint_barnabe",
            title="Fête de la rue : deux rues fermées samedi",
            summary="Samedi de 10 h à 23 h, l’avenue du Modèle et la rue du Témoin sont fermées aux voitures.",
            body=(
                "Samedi **de 10 h à 23 h**, l’avenue du Modèle et la rue du Témoin sont fermées aux voitures.\n\n"
                "## Bénévoles\n\nRendez-vous à 9 h devant la librairie."
            ),
            audience=Audience.NETWORK,
            saturday=(10, 23),
            place="Avenue du Modèle et rue du Témoin",
        ),
        Story(
            by="ciq",
            organisation="ciq_saint_barnabe",
            title="Réunion du comité lundi à 18 h 30",
            summary="Ordre du jour : la place, les bancs, les arbres.",
            body="Ordre du jour : la place, les bancs, les arbres. Chacun peut venir.",
            audience=Audience.QUARTER,
        ),
    ),
)
