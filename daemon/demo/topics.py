"""What is the mail about? Subjects and titles by trade, written for the demo world."""

from __future__ import annotations

_POOLS = """
machines: New milling line; Spare parts in Wels; Machine safety training; Workshop dates; Offer for the press shop
machines: Retrofit of line three; Visit to the tool makers; Service contracts abroad; Energy use of the presses
logistics: Warehouse tender; Tender review; Night shift pilot; Rail instead of road; Depot in Enns
logistics: Loading ramps; Parcel returns; Route planning trial; Winter timetable
finance: Part-time finance lead; Liquidity planning; Bank talks in spring; Bridge loan; Numbers for the board
finance: Valuation method; Investor evening; Budget workshop; Credit lines after the move
training: Trainer for machine safety; Spring seminar; Feedback from the pilot group; Seminar room in Salzburg
training: Learning goals; Certificate for supervisors; Apprentice programme; Train the trainer days
design: Trade fair stand; Catalogue layout; Colour concept; Portfolio review; New lettering
design: Poster series; Website relaunch; Photo shoot in the workshop; Exhibition in Ljubljana
energy: Heat pumps for the hall; Roof lease; Storage pilot; Grant application; Grid connection
energy: Charging points for the fleet; Energy audit; Community solar; Tariff comparison
packaging: Reusable crates; Talk on reusable packaging; Deposit scheme; Cardboard prices; Labels for refill
packaging: Move to paper tape; Packaging rules ahead; Glass or carton; Pilot with the bakeries
research: Interview study; Survey draft; Findings on succession; Field visit; Literature list
research: Conference abstract; Data from the cooperatives; Joint article; Workshop on methods
trade: Import papers; Sample shipment; Autumn collection; Visit to the port; Exchange rates
trade: Agent in Osaka; Certificates of origin; Supplier audit; Cotton prices
software: Stock interface; Pilot with the planners; Data migration; Licence questions; Demo for the team
software: Roadmap talk; Reporting tool; Rollout in two steps; Interface to the scales
contracts: Framework agreement; Clause on delays; Review of the terms; Partnership contract; Signing in Dublin
contracts: Questions on liability; New template; Licence terms; Draft for the cooperative
family firm: Handing over the sawmill; Advisory board; Family council; Succession talks; Second generation
family firm: Roles after the change; Anniversary booklet; Shares and voices; Visit to the mill
people: Team days; Job descriptions; Interview questions; Mentoring programme; Part-time models
people: Case for the group; Leadership circle; Notes on delegation; Onboarding plan
media: Podcast on succession; Guest article; Press breakfast; Interview dates; Radio feature
media: Newsletter text; Pictures for the magazine; Editorial plan; Panel on local news
warehouse: Linz warehouse plan; Racking layout; Forklift lanes; Stocktaking weekend; Picking errors
warehouse: Shift model; Fire safety walk; Goods in process; Handover to operations; Test run results
team: Minutes of Monday; Offer draft; Slides for the board; Holiday cover; Travel to Graz; Timesheets; Client feedback
team: Workshop material; Interview notes; Reading for Monday; Room for the workshop; Proposal structure; Printer again
team: Lessons from Linz; Rota for the phones; Quote for translation; New templates; Office plants; Train tickets
family: Sonntagessen; Papas Geburtstag; Fotos vom See; Wochenende in Gmunden; Omas Rezepte; Kinderbetreuung
family: Weihnachten planen; Schlüssel für die Wohnung; Konzertkarten; Umzugskartons; Gartenmöbel
friends: Hike on Saturday; Concert tickets; Book for you; Birthday dinner; Ski weekend; Board games; Cinema on Friday
friends: Recipe from Sunday; Flat in Berlin; Photos from the lake; Marathon training; Choir evening
taxes: Unterlagen für das Quartal; Reisekosten; Jahresabschluss; Belege nachgereicht; Frage zur Umsatzsteuer
plumbing: Tropfender Boiler; Termin Boiler; Kostenvoranschlag Bad
hosting: Mailbox quota; Migration window; Certificate warning
office: Schlüssel für das Büro; Heizung im zweiten Stock; Lift; Fahrradraum
recruiting: Your interesting profile
small talk: Nice panel; Slides from Graz; Office to let; The book from the panel
"""
_LIST_POSTS = (
    "Recommendations for a printer", "Fees for half-day workshops", "Co-working near Praterstern",
    "Reading circle", "Insurance for trainers", "Contract templates", "Workshop rooms in Graz", "Interpreter wanted",
)  # fmt: skip


def _pools() -> dict[str, tuple[str, ...]]:
    pools: dict[str, tuple[str, ...]] = {}
    for line in _POOLS.strip().splitlines():
        name, _, topics = line.partition(": ")
        pools[name] = (*pools.get(name, ()), *topics.split("; "))
    return pools


POOLS = _pools()
LIST_POSTS = _LIST_POSTS
