"""How people of different agencies are matched: what agreement is worth, and which records are compared.

The probabilities are rounded from two synthetic districts, their people known; the name frequencies are of their
records. A live district estimates its own.
"""

from collections.abc import Mapping

from targeting.linkage.definition import Comparison, Level, Linkage


def levels(**probabilities: tuple[float, float]) -> tuple[Level, ...]:
    """Return levels by name, each with its m and u."""
    return tuple(Level(name=name, m=m, u=u) for name, (m, u) in probabilities.items())


def names(text: str) -> Mapping[str, tuple[str, ...]]:
    """Return short forms by full name, from lines such as `william: will, bill`."""
    lines = [line.split(":") for line in text.strip().splitlines()]
    return {full.strip(): tuple(short.strip() for short in shorts.split(",")) for full, shorts in lines}


NICKNAMES = names(
    """
    abigail: abi, abby, gail
    alexander: alex, alec, sandy, xander
    alexandra: alex, sandra, lexi
    amanda: mandy
    andrew: andy, drew
    anthony: tony
    benjamin: ben, benji
    bethany: beth
    bradley: brad
    catherine: cath, cathy, cate
    charles: charlie, chas, chuck
    charlotte: charlie, lottie
    christina: chris, chrissie, tina
    christine: chris, chrissie
    christopher: chris, kit
    daniel: dan, danny
    danielle: dani
    david: dave, davey
    deborah: deb, debbie
    dorothy: dot, dottie
    edward: ed, eddie, ned, ted, teddy
    eleanor: ellie, nell, nora
    elizabeth: beth, betty, eliza, libby, lisa, liz, lizzie, betsy
    emily: em, emmy
    florence: flo, florrie
    frances: fran, frankie
    francis: frank, frankie
    frederick: fred, freddie, freddy
    gabriel: gabe
    georgina: georgie, gina
    gregory: greg
    hannah: han
    harold: harry
    harriet: hattie
    henry: harry, hal
    isabella: bella, izzy, isabel
    jacob: jake
    jacqueline: jackie, jacqui
    james: jim, jimmy, jamie, jem
    jennifer: jen, jenny
    jessica: jess, jessie
    joanne: jo
    jonathan: jon, jonny, jonty
    john: jack, johnny
    joseph: joe, joey
    joshua: josh
    katherine: kate, kath, kathy, katie, kat, kit, kitty
    kathleen: kath, kathy
    kimberley: kim
    laura: lauren
    leonard: leo, len, lenny
    lewis: lew
    louise: lou
    madeleine: maddie
    margaret: maggie, meg, peggy, daisy
    matilda: tilly, mattie
    matthew: matt
    megan: meg
    melissa: mel, missy
    michael: mike, mick, mickey
    michelle: shell
    mohammed: mo
    nathan: nate
    natalie: nat
    natasha: tasha
    nicholas: nick, nicky
    nicola: nicky, nikki
    oliver: ollie, olly
    olivia: liv, livvy
    oscar: ozzy
    pamela: pam
    patricia: pat, patsy, trish, tricia
    patrick: pat, paddy
    peter: pete
    philip: phil
    rebecca: becky, becca, bex
    richard: dick, rich, ricky, rick
    robert: bob, bobby, rob, robbie, bert
    ronald: ron, ronnie
    samantha: sam, sammy
    samuel: sam, sammy
    sarah: sally
    sophia: sophie
    stephanie: steph
    stephen: steve, stevie
    steven: steve, stevie
    susan: sue, susie
    theodore: theo, teddy
    theresa: terry, tess, tessa
    thomas: tom, tommy
    timothy: tim
    victoria: vicky, vicki, tori
    vincent: vince
    william: bill, billy, will, willie, liam
    zachary: zach, zak
    """
)

linkage = Linkage(
    method="splink",
    prior=1e-5,
    least_weight=8.0,
    comparisons=(
        Comparison(
            of="given_name",
            levels=levels(
                exact=(0.78, 0.008),
                sounds_alike=(0.08, 0.002),
                nickname=(0.03, 0.001),
                part=(0.05, 0.01),
                similar=(0.03, 0.01),
                initial=(0.01, 0.02),
                swapped=(0.005, 0.0001),
                different=(0.015, 0.9489),
            ),
        ),
        Comparison(
            of="family_name",
            levels=levels(
                exact=(0.80, 0.008),
                sounds_alike=(0.07, 0.002),
                part=(0.04, 0.002),
                similar=(0.03, 0.006),
                different=(0.06, 0.982),
            ),
        ),
        Comparison(
            of="date_of_birth",
            levels=levels(
                exact=(0.94, 0.0001),
                day_and_month_swapped=(0.015, 0.0001),
                one_slip=(0.025, 0.003),
                two_slips=(0.005, 0.03),
                year_only=(0.003, 0.0002),
                as_expected=(0.002, 0.0006),
                different=(0.01, 0.966),
            ),
        ),
        Comparison(of="sex", levels=levels(exact=(0.99, 0.5), different=(0.01, 0.5))),
        Comparison(of="nhs_number", levels=levels(exact=(0.995, 0.00002), different=(0.005, 0.99998))),
        Comparison(of="upn", levels=levels(exact=(0.98, 0.00002), different=(0.02, 0.99998))),
        Comparison(
            of="address",
            levels=levels(exact=(0.7, 0.00003), same_postcode=(0.03, 0.0002), different=(0.27, 0.99977)),
        ),
    ),
    blocking=(
        ("nhs_number",),
        ("upn",),
        ("date_of_birth", "family_sound"),
        ("date_of_birth", "given_sound"),
        ("name_sounds", "birth_year"),
        ("dwelling", "given_sound"),
        ("dwelling", "date_of_birth"),
    ),
    name_frequencies={
        "given_name": {"mohammed": 0.02},
        "family_name": {
            "khan": 0.016,
            "hussain": 0.018,
            "ahmed": 0.016,
            "ali": 0.016,
            "begum": 0.03,
            "bibi": 0.03,
        },
    },
    nicknames=NICKNAMES,
    communal_from=12,
    trusted_births=("maternity",),
    unborn_kept_days=56,
)
