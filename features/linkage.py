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
    """Return short forms and other spellings by name, from lines such as `william: will, bill`."""
    lines = [line.split(":") for line in text.strip().splitlines()]
    return {full.strip(): tuple(short.strip() for short in shorts.split(",")) for full, shorts in lines}


def listed(text: str) -> tuple[str, ...]:
    """Return names parted by blanks."""
    return tuple(text.split())


def frequencies(text: str) -> Mapping[str, float]:
    """Return the share of each name, from lines such as `.020 Sarah, Mohammed`."""
    lines = [line.split(maxsplit=1) for line in text.strip().splitlines()]
    return {name.strip(): float(share) for share, listed in lines for name in listed.split(",")}


NICKNAMES = names(
    """
    aaliyah: aliya, alia
    aaron: arron, aron
    abdul: abdel, abdal
    abigail: abi, abby, abbie, gail
    agnieszka: aga, agnes
    ahmed: ahmad
    aisha: ayesha, aysha, aishah
    aleksandra: ola, alexandra
    alexander: alex, alec, sandy, xander, aleksander
    alexandra: alex, sandra, lexi
    ali: aly
    alison: allison, ally
    amanda: mandy
    amelia: amy, millie, milly
    aminah: amina, ameena
    andrew: andy, drew
    angela: angie
    ann: anne, annie, anna
    anthony: tony, antony
    archibald: archie
    barbara: barb, babs, basia
    bartosz: bartek
    benjamin: ben, benji
    bethany: beth
    bilal: belal
    bradley: brad
    bridget: bridie, biddy
    caitlin: kaitlyn, katelyn, cait
    catherine: cath, cathy, cate
    charles: charlie, chas, chuck
    charlotte: charlie, lottie
    christina: chris, chrissie, tina
    christine: chris, chrissie
    christopher: chris, kit
    clare: claire, clair
    connor: conor
    craig: kraig
    daniel: dan, danny
    danielle: dani
    david: dave, davey
    deborah: deb, debbie, debra
    dorothy: dot, dottie
    edward: ed, eddie, ned, ted, teddy
    eleanor: ellie, nell, nora, elinor
    elizabeth: beth, betty, eliza, libby, lisa, liz, lizzie, betsy, elisabeth
    emily: em, emmy
    eva: ewa
    fatima: fatimah, fati
    finley: fin, finlay, finn
    florence: flo, florrie
    frances: fran, frankie
    francis: frank, frankie
    frederick: fred, freddie, freddy, frederic
    gabriel: gabe
    gareth: gary, gaz
    geoffrey: geoff, jeff, jeffrey
    georgia: georgie
    georgina: georgie, gina
    gillian: gill, jill
    graham: graeme
    gregory: greg, grzegorz
    gurpreet: gurps
    habiba: habibah
    harold: harry
    harpreet: harps
    harriet: hattie
    harrison: harry
    henry: harry, hal
    hussain: hussein, husain
    ian: iain
    ibrahim: ibby, ebrahim, abraham
    isabella: bella, izzy, isabel, isobel, isabelle
    ismail: esmail, ishmael
    jack: jackie
    jacob: jake, jakub, kuba
    jacqueline: jackie, jacqui
    james: jim, jimmy, jamie, jem
    jan: yan
    jayden: jaden, jaiden
    jennifer: jen, jenny
    jessica: jess, jessie
    joanne: jo, joanna, jo-anne
    john: jack, johnny, jon
    jonathan: jon, jonny, jonty, jonathon
    joseph: joe, joey, jozef, yusuf
    joshua: josh
    julia: julie, jules
    katarzyna: kasia, katherine
    katherine: kate, kath, kathy, katie, kat, kit, kitty, catherine, kathryn, katharine, cathryn, catharine
    kathleen: kath, kathy
    kenneth: ken, kenny
    khadija: khadijah, khadeeja
    kieran: kieron, ciaran
    kimberley: kim, kimberly
    krzysztof: krzys, christopher
    lawrence: laurence, larry
    leonard: leo, len, lenny
    lewis: lew, louis, louie
    lindsey: lindsay, linsey
    louise: lou
    lucas: luke, luca, lukasz
    lukasz: lukas
    madeleine: maddie, madeline
    magdalena: magda
    malgorzata: gosia, margaret
    manpreet: manni
    margaret: maggie, meg, peggy, daisy
    maria: mariah, marie
    mark: marc, marek
    maryam: mariam, mary
    mateusz: matthew
    matilda: tilly, mattie
    matthew: matt, mathew
    maximilian: max
    maxwell: max
    megan: meg, meghan
    melissa: mel, missy
    michael: mike, mick, mickey, mikey, michal, micheal
    michelle: shell
    mohammed: mo, moh, mohd
    musa: moosa, moses
    mustafa: mustapha
    natalie: nat, nataly
    natasha: tasha
    nathan: nate
    nathaniel: nat, nathan
    niamh: neve, nieve
    nicholas: nick, nicky, nicolas
    nicola: nicky, nikki, nichola
    oliver: ollie, olly
    olivia: liv, livvy, liwia, oliwia
    oscar: ozzy, oskar
    pamela: pam
    patricia: pat, patsy, trish, tricia
    patrick: pat, paddy
    paul: pawel
    peter: pete, piotr
    philip: phil, phillip
    rachel: rachael, rach
    rajinder: raj, rajindar
    raymond: ray
    rebecca: becky, becca, bex, rebekah
    reece: rhys, rees
    richard: dick, rich, ricky, rick, richie
    robert: bob, bobby, rob, robbie, bert
    ronald: ron, ronnie
    rosemary: rose, rosie
    rukhsana: ruksana
    safiya: safia
    samantha: sam, sammy
    samuel: sam, sammy
    sarah: sally, sara
    sean: shaun, shawn
    shamim: shameem
    sian: shan
    siobhan: shivaun
    sophia: sophie, sofia, zofia
    stephanie: steph, stefanie
    stephen: steve, stevie, steven, stefan
    stuart: stewart, stu
    sukhwinder: sukhi, sukh
    susan: sue, susie, suzanne
    tahira: tahirah
    terence: terry
    teresa: terry, tess, tessa, theresa
    theodore: theo, teddy
    thomas: tom, tommy, tomasz, tomek
    timothy: tim
    tracey: tracy
    umar: omar, umer
    usman: osman, uthman
    victoria: vicky, vicki, tori
    vincent: vince
    walter: wally, walt
    william: bill, billy, will, willie, liam
    yasmin: jasmine, yasmeen, jasmin
    yusuf: yousef, yousuf, yusef, yousaf
    zachary: zach, zak, zac, zack
    zain: zayn, zayne, zane, zayan
    zainab: zaynab, zeinab
    zakariya: zak, zakaria, zack
    zoe: zoey
    zofia: zosia, sophie
    """
)

# Further given names. Amina and Amira, though one letter apart, are two sisters.
COMMON_NAMES = listed(
    """
    adam adeel agata aidan alan albert alfie alice alina alisha amber amir amira amy anaya andrea aneesa anisa anita
    ansar anum arif arjun arthur asad asif asma ava ayaan ayla babar beata beth blake brian callum cameron carl carly
    carol chelsea cheryl chloe colin conrad dale damian danyal darren dawn dean declan denise derek diane dominic
    donna dua duncan dylan eesa elena ella ellen ellis elsie emaan emma eric erin eshal esme ethan evan eve evelyn
    evie faisal faiza farah farhan farzana filip fiona fozia freya gemma george gethin ghulam grace hadi hafsa hamza
    hana hanna hannah haris haroon hasan hassan hayley heather heidi helen hina holly hope hugo huma humaira ida imani
    imogen imran inaya iqra irene irfan iris isaac isabel isha isla ivy iwona jade jaina jamal jamila jane janet
    janina jared jasmin jason jasper javed jayne jean jenna jeremy joan jodie joyce jude judith juliet junaid justin
    kamil kamran karen karim karol kashif kayla keira keith kelly kerry kevin khalid khalil kian kiran kyle kyra laiba
    laila lara laura lauren layla leah leanne lee leila lena leo lewis lexie lily lina linda lisa logan lola lorna
    lucia lucy lydia lynn maisie maisy majid malik mandy mara marcus marta martha martin martyn mason maya mehwish
    melanie mia mila milan mina miriam misbah mohsin molly monika muneeba nadeem nadia naila nasir nasreen naveed
    nazia neil nina noah noor nora noreen nosheen omar oscar paige paula penelope phoebe poppy qasim quinn rabia rania
    rashid rayan rayyan razia rehan rehana reuben rhona rhys rida riley rio rizwan robin robyn roman rory rosa rose
    rosie rowan roxanne rubina ruby russell ruth ryan saad saba sabina sadia safa safia sahar saima saira sajid sajida
    salma salman sameer samina samir samira sana sandra sania sanna saqib scarlett scott sebastian shabana shabir
    shaheen shahid shahida shakeel shamila shannon sharon shazia sheila shelley shirley sidra simon simone skye sohail
    sonia sonya stacey stella subhan sultan sumaira sumaya summer suraya sylvia tamara tania tanya tara tariq tasha
    tasnim tayyab thea tia tina tobias toby tyler uzma valerie vera violet wajid waqas wayne wendy willow yasir younis
    yvonne zahid zahida zahra zara zaria zeeshan zeinab zofia zubair
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

# Nearly all of this district's addresses give its name, and many of the country's give London's.
TOWNS = frequencies(
    """
    .9 Bradford
    .15 London
    """
)

linkage = Linkage(
    method="splink",
    prior=5e-6,
    prior_records=500_000,
    least_weight=6.0,
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
                garbled=(0.002, 0.01),
                swapped=(0.003, 0.00001),
                different=(0.004, 0.98239),
            ),
        ),
        Comparison(
            of="family_name",
            levels=levels(
                exact=(0.920, 0.004),
                sounds_alike=(0.030, 0.0006),
                part=(0.010, 0.0008),
                similar=(0.020, 0.0020),
                garbled=(0.004, 0.012),
                different=(0.016, 0.9806),
            ),
        ),
        Comparison(
            of="date_of_birth",
            levels=levels(
                exact=(0.965, 0.00006),
                day_and_month_swapped=(0.008, 0.00003),
                one_slip=(0.012, 0.0018),
                year_only=(0.002, 0.0001),
                near=(0.006, 0.0045),
                two_slips=(0.003, 0.015),
                as_expected=(0.002, 0.00001),
                different=(0.002, 0.9785),
            ),
        ),
        Comparison(of="sex", levels=levels(exact=(0.995, 0.52), different=(0.005, 0.48))),
        Comparison(of="nhs_number", levels=levels(exact=(0.995, 0.00001), different=(0.005, 0.99999))),
        Comparison(of="upn", levels=levels(exact=(0.98, 0.00001), different=(0.02, 0.99999))),
        Comparison(
            of="address",
            levels=levels(
                exact=(0.80, 0.00003),
                slipped=(0.01, 0.0002),
                same_postcode=(0.01, 0.0002),
                same_street=(0.01, 0.02),
                different=(0.17, 0.97957),
            ),
        ),
        Comparison(
            of="locality",
            levels=levels(exact=(0.86, 0.02), similar=(0.05, 0.002), different=(0.09, 0.978)),
        ),
        Comparison(
            of="email",
            levels=levels(exact=(0.60, 0.00001), similar=(0.15, 0.0001), different=(0.25, 0.99989)),
        ),
    ),
    blocking=(
        ("nhs_number",),
        ("upn",),
        ("email",),
        ("email_start", "birth_year"),
        ("email_start", "birth_month"),
        ("other_town", "given_sound"),
        ("other_town", "family_sound"),
        ("date_of_birth", "given_initial"),
        ("date_of_birth", "family_initial"),
        ("date_of_birth", "postcode"),
        ("date_of_birth", "house"),
        ("date_of_birth", "no_address"),
        ("name_sounds", "birth_year"),
        ("name_sounds", "birth_month", "birth_day"),
        ("name_sounds", "birth_month", "no_address"),
        ("name_sounds", "birth_day", "no_address"),
        ("postcode", "given_sound"),
        ("postcode", "birth_year"),
        ("dwelling", "given_initial"),
    ),
    name_frequencies={"given_name": GIVEN_NAMES, "family_name": FAMILY_NAMES, "locality": TOWNS},
    nicknames=NICKNAMES,
    common_names=COMMON_NAMES,
    communal_from=12,
    trusted_births=("maternity",),
    unborn_kept_days=56,
)
