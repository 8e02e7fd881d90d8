"""Who lives in the demo world? Tables of invented people: how they are written, and how lively the tie is.

Every domain ends in ``.example``; free-mail addresses carry ``.demo`` in their local part; nobody here exists.
"""

from __future__ import annotations

from dataclasses import dataclass

ME_NAME = "Clara Winter"
ME = "clara@winter-consulting.example"
ALIAS = "clara.winter.demo@gmx.at"
OWN_DOMAIN = "winter-consulting.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Somebody in Clara's world. ``since`` and ``until`` are weeks ago: nothing happens outside them."""

    name: str
    address: str
    pool: str = "small talk"
    since: int = 60
    until: int = 1
    mails: int = 0
    meetings: int = 0

    @property
    def first(self) -> str:
        """The name they are called by."""
        return self.name.split()[0]

    @property
    def domain(self) -> str:
        """Where their mail comes from."""
        return self.address.partition("@")[2]


_NETWORK = """
Maria Huber          | maria.huber@huber-technik.example        | machines   | 62 |  5 | 34 | 11
Thomas Aigner        | t.aigner@aigner-logistik.example         | logistics  | 62 |  8 | 30 |  9
Georg Lang           | georg.lang@langfinanz.example            | finance    | 60 |  2 | 28 |  8
Petra Moser          | petra.moser@moser-training.example       | training   | 58 |  4 | 24 |  7
Milan Kovač          | milan@kovac-studio.example               | design     | 57 |  1 | 26 |  8
Ines Moreau          | ines.moreau@atelier-moreau.example       | design     | 44 | 10 | 18 |  5
Anna Berger          | anna@helio.example                       | energy     | 40 |  6 | 22 |  6
Karl Wenz            | karl.wenz@wenz-karton.example            | packaging  | 52 | 11 | 16 |  5
Олена Коваленко      | olena@kovalenko-research.example         | research   | 50 |  9 | 18 |  5
山本 恵子            | keiko.yamamoto@sakura-trading.example    | trade      | 48 | 12 | 16 |  4
Γιώργος Παπαδόπουλος | giorgos@papadopoulos-marine.example      | logistics  | 46 | 14 | 14 |  4
Pavel Novák          | pavel.novak@novak-software.example       | software   | 38 |  3 | 18 |  4
Elif Yıldız          | elif@yildiz-textil.example               | trade      | 55 | 10 | 18 |  5
Siobhán Ó Briain     | siobhan@obriain-legal.example            | contracts  | 50 |  7 | 16 |  5
Tomasz Wiśniewski    | tomasz.wisniewski@baltikform.example     | design     | 47 | 13 | 14 |  4
Margarethe Edlinger  | m.edlinger@edlinger-holz.example         | family firm| 60 | 16 | 16 |  5
Hannes Pichler       | hannes@pichler-mobil.example             | energy     | 36 |  2 | 18 |  5
Birgit Sandner       | birgit.sandner@sandner-hr.example        | people     | 54 |  9 | 18 |  5
Luca Ferrante        | luca@ferrante-macchine.example           | machines   | 42 | 20 | 12 |  4
Henrike Vos          | henrike.vos@vosdata.example              | software   | 39 |  8 | 16 |  4
Dragana Petrović     | dragana@petrovic-media.example           | media      | 58 | 26 | 14 |  4
Wolfgang Zauner      | w.zauner@zauner-bau.example              | family firm| 62 | 30 | 14 |  4
Adaeze Okafor        | adaeze@okafor-ventures.example           | finance    | 33 |  4 | 16 |  4
Mateo Ibarra         | mateo.ibarra@ibarra-foods.example        | packaging  | 30 |  9 | 14 |  4
Sofie Lindgren       | sofie@lindgren-lab.example               | research   | 28 |  6 | 14 |  4
Ben Fischer          | ben.fischer.demo@gmail.com               | friends    | 60 |  3 | 34 |  3
Sabine Reiter        | sabine.reiter.demo@gmx.at                | friends    | 60 |  2 | 30 |  2
Lukas Brandl         | lukas.brandl.demo@posteo.de              | friends    | 58 |  4 | 26 |  2
Yvonne Tanner        | yvonne.tanner.demo@outlook.com           | friends    | 50 |  8 | 20 |  3
"""
_PASSING = """
Karim Haddad         | karim@haddad-nachfolge.example           | family firm| 21 | 18 |  3 |  1
Nina Oberhofer       | nina.oberhofer@oberhofer-it.example      | software   | 21 | 20 |  2 |  0
Jasper de Wit        | jasper@dewit-packaging.example           | packaging  | 21 | 19 |  2 |  0
Chiara Lombardi      | chiara.lombardi@lombardi-design.example  | design     | 21 | 20 |  1 |  0
Marek Dvořák         | marek.dvorak@dvorak-obaly.example        | packaging  | 21 | 17 |  2 |  0
Alexandra Prem       | alexandra.prem@prem-kommunikation.example| media      | 35 | 34 |  2 |  1
Stefan Kainz         | stefan.kainz@kainz-immo.example          | small talk | 30 | 28 |  3 |  0
Rita Gruber-Nagy     | rita@gruber-nagy.example                 | people     | 26 | 25 |  2 |  1
Viktor Sommer        | viktor.sommer@talentbruecke.example      | recruiting | 23 | 23 |  1 |  0
Renate Kogler        | renate.kogler@kanzlei-kogler.example     | taxes      | 60 |  6 | 10 |  0
Zoltán Horvath       | zoltan@horvath-installationen.example    | plumbing   | 29 | 24 |  4 |  0
Jane Cooper          | jane.cooper@bigco-cloud.example          | hosting    | 17 | 16 | 12 |  0
Gerlinde Auer        | g.auer@hausverwaltung-auer.example       | office     | 50 | 11 |  8 |  0
"""
_COLLEAGUES = """
Jonas Eder           | jonas@winter-consulting.example          | team       | 62 |  0 | 120 | 0
Miriam Falk          | miriam@winter-consulting.example         | team       | 62 |  0 | 100 | 0
Paul Hasenöhrl       | paul@winter-consulting.example           | team       | 62 |  0 | 80 |  0
Teresa Gschwandtner  | teresa@winter-consulting.example         | team       | 50 |  0 | 70 |  0
Ismail Aydın         | ismail@winter-consulting.example         | team       | 44 |  0 | 60 |  0
Dorothea Klein       | dorothea@winter-consulting.example       | team       | 62 | 18 | 50 |  0
"""
_FAMILY = """
Johanna Winter       | johanna.winter.demo@gmail.com            | family     | 62 |  1 | 60 |  0
Helmut Winter        | helmut.winter.demo@web.de                | family     | 60 |  3 | 30 |  0
"""
_PROJECT = """
Friedrich Nagl       | friedrich.nagl@nordlager.example         | warehouse  | 48 | 27 | 28 |  0
Carola Wimmer        | carola.wimmer@nordlager.example          | warehouse  | 48 | 27 | 22 |  0
Oskar Leitgeb        | oskar.leitgeb@nordlager.example          | warehouse  | 48 | 27 |  2 |  0
Bernadette Ruzicka   | bernadette.ruzicka@nordlager.example     | warehouse  | 48 | 27 |  1 |  0
Emre Kaplan          | emre.kaplan@nordlager.example            | warehouse  | 48 | 27 |  2 |  0
"""
_FRESH = """
Nora Lindqvist       | nora@lindqvist-energi.example            | energy     |  2 |  1 |  2 |  0
Yusuf Demirel        | yusuf@demirel-feinblech.example          | machines   |  1 |  0 |  0 |  0
Clémence Aubry       | clemence.aubry@aubry-conseil.example     | design     |  1 |  0 |  0 |  0
Friederike Stangl    | friederike@stangl-solar.example          | energy     |  2 |  0 |  0 |  0
"""
_SUPERVISION = """
Agnes Thaler         | agnes@thaler-coaching.example            | people     | 62 |  1 | 10 |  0
Robert Kienast       | robert.kienast@kienast-beratung.example  | people     | 62 |  1 |  8 |  0
Zeynep Arslan        | zeynep@arslan-organisation.example       | people     | 62 |  1 |  8 |  0
"""
_RUTH = """
Ruth Steiner         | ruth@steiner-verpackung.example          | packaging  | 60 | 33 | 14 |  4
Ruth Steiner         | ruth.steiner@circulo.example             | packaging  | 31 |  6 | 12 |  4
"""


def _rows(table: str) -> tuple[Figure, ...]:
    return tuple(map(_figure, table.strip().splitlines()))


def _figure(line: str) -> Figure:
    name, address, pool, *numbers = (cell.strip() for cell in line.split("|"))
    since, until, mails, meetings = map(int, numbers)
    return Figure(name=name, address=address, pool=pool, since=since, until=until, mails=mails, meetings=meetings)


NETWORK = _rows(_NETWORK)
PASSING = _rows(_PASSING)
COLLEAGUES = _rows(_COLLEAGUES)
FAMILY = _rows(_FAMILY)
PROJECT = _rows(_PROJECT)
FRESH = _rows(_FRESH)
SUPERVISION = _rows(_SUPERVISION)
EVERYBODY = {
    figure.name: figure for figure in (*NETWORK, *PASSING, *COLLEAGUES, *FAMILY, *PROJECT, *FRESH, *SUPERVISION)
}

RUTH, RUTH_LATER = _rows(_RUTH)
"""One person, two addresses: Ruth changed jobs, and the old address fell silent before the new one began."""

SURNAME_FIRST = frozenset({"petra.moser@moser-training.example", "stefan.kainz@kainz-immo.example"})
"""Addresses written as "Moser, Petra" in mail, as a company's address book does."""

_FIRST_NAMES = """
Adelheid Albin Beate Bruno Cornelia Daniel Edith Erwin Franziska Gernot Gudrun Harald Heidi Ingo Irene Jakob
Judith Klaus Lieselotte Ludwig Monika Norbert Ottilie Philipp Roswitha Siegfried Ulrike Valentin Waltraud Xaver
Angelika Bernd Christa Dieter Elfriede Ferdinand
"""
_LAST_NAMES = """
Brenner Czerny Dollinger Ehrlich Fuchs Gasser Haslinger Illek Jahn Kreuzer Lechner Mayrhofer Neubauer Oppitz
Pfeiffer Quendler Rainer Schachner Traxler Unger Vogl Wallner Zach Adler Baumann Cerny Danninger Egger Fink Graf
Hirsch Jobst Kern Loidl Mach Nowak
"""


def _past_client(first: str, last: str) -> Figure:
    address = f"{first}.{last}@{last}-gmbh.example".lower()
    return Figure(name=f"{first} {last}", address=address, mails=0)


PAST_CLIENTS = tuple(
    _past_client(first, last)
    for shift in (0, 7)
    for first, last in zip(_FIRST_NAMES.split(), _LAST_NAMES.split()[shift:], strict=False)
)
"""They get a Christmas mail and nothing else."""
