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


def frequencies(text: str) -> Mapping[str, float]:
    """Return the share of each name, from lines such as `.020 Sarah, Mohammed`."""
    lines = [line.split(maxsplit=1) for line in text.strip().splitlines()]
    return {name.strip(): float(share) for share, listed in lines for name in listed.split(",")}


NICKNAMES = names(
    """
    abigail: abi, abby, gail
    alexander: alex, alec, sandy, xander
    alexandra: alex, sandra, lexi
    amelia: amy, millie, milly
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
    harold: harry
    harriet: hattie
    henry: harry, hal
    ibrahim: ibby
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

# Shares of the records that bear the commonest names: agreement on one of them says less.
GIVEN_NAMES = frequencies(
    """
    .020 Sarah, Mohammed
    .015 Oliver, Olivia, Emma, Shabana, Aisha, Amelia
    .010 George, Ava, Claire, Laura, Fatima, David
    .007 Rebecca, Harry, Isabella, Zainab, Isla, Jack, Gemma, Kelly, Maryam, Rachel, Zara, James
    .005 Jacob, Emily, Charlotte, Adam, Daniel, Charlie, Nasreen, Victoria, Samina, Noah, Hana, Inaya, Katherine
    """
)
FAMILY_NAMES = frequencies(
    """
    .045 Smith
    .035 Hussain, Jones
    .020 Brown, Khan, Ahmed, Taylor
    .016 Walker, Wilson, Robinson
    .012 Mahmood, Akhtar, Ali, Parveen, Iqbal
    .009 Thompson, Hudson, Wood, Sutcliffe, Greenwood, Shah, Butt, Barker, Whitaker
    .007 Firth, Illingworth, Malik, Harrison, Novak, Holdsworth, Feather, Mitchell, Khatun, Dawson, Aslam, Mohammed
    .006 Wright, Shaw, Jackson, Begum, Rashid, Johnson, Bibi
    """
)

linkage = Linkage(
    method="splink",
    prior=5e-6,
    least_weight=7.0,
    kin_weight=19.0,
    comparisons=(
        Comparison(
            of="given_name",
            levels=levels(
                exact=(0.890, 0.003),
                sounds_alike=(0.040, 0.0006),
                nickname=(0.020, 0.0006),
                part=(0.010, 0.0004),
                similar=(0.025, 0.0015),
                initial=(0.006, 0.0015),
                swapped=(0.003, 0.00001),
                different=(0.006, 0.99239),
            ),
        ),
        Comparison(
            of="family_name",
            levels=levels(
                exact=(0.920, 0.004),
                sounds_alike=(0.030, 0.0006),
                part=(0.010, 0.0008),
                similar=(0.020, 0.0012),
                different=(0.020, 0.9934),
            ),
        ),
        Comparison(
            of="date_of_birth",
            levels=levels(
                exact=(0.970, 0.00006),
                day_and_month_swapped=(0.008, 0.00003),
                one_slip=(0.012, 0.0018),
                two_slips=(0.003, 0.018),
                year_only=(0.002, 0.0001),
                as_expected=(0.002, 0.00001),
                different=(0.003, 0.98),
            ),
        ),
        Comparison(of="sex", levels=levels(exact=(0.995, 0.52), different=(0.005, 0.48))),
        Comparison(of="nhs_number", levels=levels(exact=(0.995, 0.00001), different=(0.005, 0.99999))),
        Comparison(of="upn", levels=levels(exact=(0.98, 0.00001), different=(0.02, 0.99999))),
        Comparison(
            of="address",
            levels=levels(exact=(0.80, 0.00003), same_postcode=(0.01, 0.0002), different=(0.19, 0.99977)),
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
    name_frequencies={"given_name": GIVEN_NAMES, "family_name": FAMILY_NAMES},
    nicknames=NICKNAMES,
    communal_from=12,
    trusted_births=("maternity",),
    unborn_kept_days=56,
)
