"""Programs with reference values that were derived without the engine: by hand or in mpmath (`corpus_reference`).

Each program is small and its variances and means are seldom 1 or 0, so that a forgotten factor shows. A comment
"catches" names the faults of an engine that change at least one value of the case by more than 1 %, as measured on a
Monte Carlo engine that has the fault:

    drops Z-dot         every product is its Gaussian part
    last y only         Z-dot keeps only the last earlier product with the transpose
    drops sigma_W^2     matrices have variance 1/n
    ignores the ratio   unequal widths are treated as equal
    Z for Z-hat         Stein's b is E[Z^{W^T y} Z^x]
    covariances         Cov(Z-hat, Z-hat') from covariances of the arguments, not from raw second moments
    independent         products with one matrix are independent
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """A program and what its limit must be."""

    name: str
    text: str
    values: tuple[tuple[tuple[str, ...], str], ...]  # ((query, decimal string), ...); queries as in test_corpus
    source: str  # "hand: ..." with the reason, or "mpmath"
    accuracy: float = 1e-12  # of the value, relative to its natural scale
    sampled: bool = False  # the engine may sample: Gaussian rank 5 and above after independent blocks were factored
    relative: bool = False  # the scale is the (small) value itself
    bound: float | None = (
        None  # largest lim.error allowed: one rounding of the covariance moves the value more, or rank 4
    )


CASES: tuple[Case, ...] = (
    # One nonlinearity of correlated Gaussians: E phi(u) phi(v), E phi(u)^2 at variances 1.5, 0.8 and 6.25.
    Case(
        name="relu_triple",
        text="""
vector u, v, w ~ N([0, 0, 0], [[1.5, 0.6, 0], [0.6, 0.8, -0.3], [0, -0.3, 6.25]])
a = relu(u)
b = relu(v)
c = relu(w)
""",
        values=(
            (("second_moment", "a", "a"), "0.75"),
            (("second_moment", "b", "b"), "0.4"),
            (("second_moment", "c", "c"), "3.125"),
            (("second_moment", "a", "b"), "0.351219432723831694601301193714"),
            (("second_moment", "b", "c"), "0.284089033705421029530156142021"),
            (("mean", "c"), "0.997355701003581694849865149836"),
        ),
        source="hand: the arc-cosine formula, theory 3",
    ),
    Case(
        name="normalized_relu_triple",
        text="""
function phi(z) = sqrt(2)*relu(z)
vector u, v, w ~ N([0, 0, 0], [[1.5, 0.6, 0], [0.6, 0.8, -0.3], [0, -0.3, 6.25]])
a = phi(u)
b = phi(v)
c = phi(w)
""",
        values=(
            (("second_moment", "a", "a"), "1.5"),
            (("second_moment", "b", "b"), "0.8"),
            (("second_moment", "c", "c"), "6.25"),
            (("second_moment", "a", "b"), "0.702438865447663389202602387429"),
            (("second_moment", "b", "c"), "0.568178067410842059060312284042"),
            (("mean", "c"), "1.4104739588693907173701986289"),
        ),
        source="hand: twice the arc-cosine formula",
    ),
    Case(
        name="leaky_relu_triple",
        text="""
vector u, v, w ~ N([0, 0, 0], [[1.5, 0.6, 0], [0.6, 0.8, -0.3], [0, -0.3, 6.25]])
a = leaky_relu(u, 0.1)
b = leaky_relu(v, 0.1)
c = leaky_relu(w, 0.1)
""",
        values=(
            (("second_moment", "a", "a"), "0.7575"),
            (("second_moment", "b", "b"), "0.404"),
            (("second_moment", "c", "c"), "3.15625"),
            (("second_moment", "a", "b"), "0.344487740506303672627053966909"),
            (("second_moment", "b", "c"), "0.200112117301391033919426475037"),
            (("mean", "c"), "0.897620130903223525364878634852"),
        ),
        source="hand: 0.1 z + 0.9 relu(z)",
    ),
    Case(
        name="abs_triple",
        text="""
vector u, v, w ~ N([0, 0, 0], [[1.5, 0.6, 0], [0.6, 0.8, -0.3], [0, -0.3, 6.25]])
a = abs(u)
b = abs(v)
c = abs(w)
""",
        values=(
            (("second_moment", "a", "a"), "1.5"),
            (("second_moment", "b", "b"), "0.8"),
            (("second_moment", "c", "c"), "6.25"),
            (("second_moment", "a", "b"), "0.804877730895326778405204774858"),
            (("second_moment", "b", "c"), "1.43635613482168411812062456808"),
            (("mean", "c"), "1.99471140200716338969973029967"),
        ),
        source="hand: |z| = relu(z) + relu(-z)",
    ),
    Case(
        name="sign_triple",
        text="""
vector u, v, w ~ N([0, 0, 0], [[1.5, 0.6, 0], [0.6, 0.8, -0.3], [0, -0.3, 6.25]])
a = sign(u)
b = sign(v)
c = sign(w)
""",
        values=(
            (("second_moment", "a", "a"), "1.0"),
            (("second_moment", "b", "b"), "1.0"),
            (("second_moment", "c", "c"), "1.0"),
            (("second_moment", "a", "b"), "0.369010119565545382755430558779"),
            (("second_moment", "b", "c"), "-0.0856698377388346316657687950468"),
            (("mean", "c"), "0"),
        ),
        source="hand: 1 - 2 theta/pi",
    ),
    Case(
        name="step_triple",
        text="""
vector u, v, w ~ N([0, 0, 0], [[1.5, 0.6, 0], [0.6, 0.8, -0.3], [0, -0.3, 6.25]])
a = step(u)
b = step(v)
c = step(w)
""",
        values=(
            (("second_moment", "a", "a"), "0.5"),
            (("second_moment", "b", "b"), "0.5"),
            (("second_moment", "c", "c"), "0.5"),
            (("second_moment", "a", "b"), "0.342252529891386345688857639695"),
            (("second_moment", "b", "c"), "0.228582540565291342083557801238"),
            (("mean", "c"), "0.5"),
        ),
        source="hand: (pi - theta)/(2 pi)",
    ),
    Case(
        name="erf_triple",
        text="""
vector u, v, w ~ N([0, 0, 0], [[1.5, 0.6, 0], [0.6, 0.8, -0.3], [0, -0.3, 6.25]])
a = erf(u)
b = erf(v)
c = erf(w)
""",
        values=(
            (("second_moment", "a", "a"), "0.53989308767476822957243886459"),
            (("second_moment", "b", "b"), "0.42199858272057768166372830652"),
            (("second_moment", "c", "c"), "0.753426593708080163228906625191"),
            (("second_moment", "a", "b"), "0.242727195996027468953674321339"),
            (("second_moment", "b", "c"), "-0.0645837125641549538783962983642"),
            (("mean", "c"), "0"),
        ),
        source="hand: the arcsine formula",
    ),
    Case(
        name="sin_triple",
        text="""
vector u, v, w ~ N([0, 0, 0], [[1.5, 0.6, 0], [0.6, 0.8, -0.3], [0, -0.3, 6.25]])
a = sin(u)
b = sin(v)
c = sin(w)
""",
        values=(
            (("second_moment", "a", "a"), "0.475106465816068028510328792175"),
            (("second_moment", "b", "b"), "0.399051741002672295757410366178"),
            (("second_moment", "c", "c"), "0.499998136673413960664503537574"),
            (("second_moment", "a", "b"), "0.201587933465020784319326353108"),
            (("second_moment", "b", "c"), "-0.00896867302258926884652909129437"),
        ),
        source="hand: e^{-(a+c)/2} sinh b",
    ),
    Case(
        name="cos_triple",
        text="""
vector u, v, w ~ N([0, 0, 0], [[1.5, 0.6, 0], [0.6, 0.8, -0.3], [0, -0.3, 6.25]])
a = cos(u)
b = cos(v)
c = cos(w)
""",
        values=(
            (("second_moment", "a", "a"), "0.524893534183931971489671207825"),
            (("second_moment", "b", "b"), "0.600948258997327704242589633822"),
            (("second_moment", "c", "c"), "0.500001863326586039335496462426"),
            (("second_moment", "a", "b"), "0.375361876915465911000043611774"),
            (("second_moment", "b", "c"), "0.0307871085536320363886974169086"),
            (("mean", "c"), "0.0439369336234074173267476817015"),
        ),
        source="hand: e^{-(a+c)/2} cosh b",
    ),
    Case(
        name="exp_triple",
        text="""
vector u, v, w ~ N([0, 0, 0], [[1.5, 0.6, 0], [0.6, 0.8, -0.3], [0, -0.3, 6.25]])
a = exp(0.25*u)
b = exp(0.25*v)
c = exp(0.25*w)
""",
        values=(
            (("second_moment", "a", "a"), "1.20623024942098071065558601045"),
            (("second_moment", "b", "b"), "1.10517091807564762481170782649"),
            (("second_moment", "c", "c"), "2.18420081081561792457635501545"),
            (("second_moment", "a", "b"), "1.11558061464248075869370450838"),
            (("second_moment", "b", "c"), "1.22331269171680926279626660699"),
            (("mean", "c"), "1.21569083052054745183001825454"),
        ),
        source="hand: moments of the lognormal law",
    ),
    Case(
        name="square_triple",
        text="""
vector u, v, w ~ N([0, 0, 0], [[1.5, 0.6, 0], [0.6, 0.8, -0.3], [0, -0.3, 6.25]])
a = u**2
b = v**2
c = w**2
""",
        values=(
            (("second_moment", "a", "a"), "6.75"),
            (("second_moment", "b", "b"), "1.92"),
            (("second_moment", "c", "c"), "117.1875"),
            (("second_moment", "a", "b"), "1.92"),
            (("second_moment", "b", "c"), "5.18"),
            (("mean", "c"), "6.25"),
        ),
        source="hand: Wick, ac + 2 b^2",
    ),
    Case(
        name="cube_triple",
        text="""
vector u, v, w ~ N([0, 0, 0], [[1.5, 0.6, 0], [0.6, 0.8, -0.3], [0, -0.3, 6.25]])
a = u**3
b = v**3
c = w**3
""",
        values=(
            (("second_moment", "a", "a"), "50.625"),
            (("second_moment", "b", "b"), "7.68"),
            (("second_moment", "c", "c"), "3662.109375"),
            (("second_moment", "a", "b"), "7.776"),
            (("second_moment", "b", "c"), "-13.662"),
            (("mean", "c"), "0"),
        ),
        source="hand: Wick, 9 abc + 6 b^3",
    ),
    Case(
        name="gaussian_bump_triple",
        text="""
vector u, v, w ~ N([0, 0, 0], [[1.5, 0.6, 0], [0.6, 0.8, -0.3], [0, -0.3, 6.25]])
a = exp(-u**2)
b = exp(-v**2)
c = exp(-w**2)
""",
        values=(
            (("second_moment", "a", "a"), "0.377964473009227227214516536234"),
            (("second_moment", "b", "b"), "0.48795003647426658967719231812"),
            (("second_moment", "c", "c"), "0.196116135138184031924162465732"),
            (("second_moment", "a", "b"), "0.3340765523905304808556918511"),
            (("second_moment", "b", "c"), "0.169662199519762526099244847948"),
            (("mean", "c"), "0.272165526975908677577476008301"),
        ),
        source="hand: det(1 + 2K)^{-1/2}",
    ),
    Case(
        name="gelu_triple",
        text="""
vector u, v, w ~ N([0, 0, 0], [[1.5, 0.6, 0], [0.6, 0.8, -0.3], [0, -0.3, 6.25]])
a = gelu(u)
b = gelu(v)
c = gelu(w)
""",
        values=(
            (("second_moment", "a", "a"), "0.671864022307055890928893772698"),
            (("second_moment", "b", "b"), "0.328828857247077999778056293326"),
            (("second_moment", "c", "c"), "3.06312122522411550700002925593"),
            (("second_moment", "a", "b"), "0.269996172019638959040968627005"),
            (("second_moment", "b", "c"), "0.148798655373031464247591151173"),
            (("mean", "c"), "0.926021520903353635591511547418"),
        ),
        source="mpmath",
    ),
    Case(
        name="relu_square_triple",
        text="""
vector u, v, w ~ N([0, 0, 0], [[1.5, 0.6, 0], [0.6, 0.8, -0.3], [0, -0.3, 6.25]])
a = relu(u)**2
b = relu(v)**2
c = relu(w)**2
""",
        values=(
            (("second_moment", "a", "a"), "3.375"),
            (("second_moment", "b", "b"), "0.96"),
            (("second_moment", "c", "c"), "58.59375"),
            (("second_moment", "a", "b"), "0.919687104011661580660982566029"),
            (("second_moment", "b", "c"), "0.866660143840701563053128276261"),
            (("mean", "c"), "3.125"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    Case(
        name="relu_cube_triple",
        text="""
vector u, v, w ~ N([0, 0, 0], [[1.5, 0.6, 0], [0.6, 0.8, -0.3], [0, -0.3, 6.25]])
a = relu(u)**3
b = relu(v)**3
c = relu(w)**3
""",
        values=(
            (("second_moment", "a", "a"), "25.3125"),
            (("second_moment", "b", "b"), "3.84"),
            (("second_moment", "c", "c"), "1831.0546875"),
            (("second_moment", "a", "b"), "3.93915860598705923584331970897"),
            (("second_moment", "b", "c"), "4.2795184062134166753925742149"),
            (("mean", "c"), "12.4669462625447711856233143729"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    Case(
        name="maximum_triple",
        text="""
vector u, v, w ~ N([0, 0, 0], [[1.5, 0.6, 0], [0.6, 0.8, -0.3], [0, -0.3, 6.25]])
a = maximum(u, 0.5)
b = maximum(v, 0.5)
c = maximum(w, 0.5)
""",
        values=(
            (("second_moment", "a", "a"), "0.901700129968574891504193675127"),
            (("second_moment", "b", "b"), "0.561045506167185005073683672422"),
            (("second_moment", "c", "c"), "3.26324511083470170925633946511"),
            (("second_moment", "a", "b"), "0.595791586402155546966294221719"),
            (("second_moment", "b", "c"), "0.804173046988700383418424076143"),
            (("mean", "c"), "1.26723658965819120654315334217"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    Case(
        name="minimum_triple",
        text="""
vector u, v, w ~ N([0, 0, 0], [[1.5, 0.6, 0], [0.6, 0.8, -0.3], [0, -0.3, 6.25]])
a = minimum(u, -0.25)
b = minimum(v, -0.25)
c = minimum(w, -0.25)
""",
        values=(
            (("second_moment", "a", "a"), "0.784628998067663878946801475647"),
            (("second_moment", "b", "b"), "0.435860160104649227577340615622"),
            (("second_moment", "c", "c"), "3.15791059902151553062689001433"),
            (("second_moment", "a", "b"), "0.432753485886698250127226363539"),
            (("second_moment", "b", "c"), "0.508026568181136503381015154349"),
            (("mean", "c"), "-1.12733832801178665914267551331"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    Case(
        name="clip_triple",
        text="""
vector u, v, w ~ N([0, 0, 0], [[1.5, 0.6, 0], [0.6, 0.8, -0.3], [0, -0.3, 6.25]])
a = clip(u, -1, 0.5)
b = clip(v, -1, 0.5)
c = clip(w, -1, 0.5)
""",
        values=(
            (("second_moment", "a", "a"), "0.394646827267349156032573444567"),
            (("second_moment", "b", "b"), "0.324315176947689640034083789744"),
            (("second_moment", "c", "c"), "0.507043681861191896751960026691"),
            (("second_moment", "a", "b"), "0.178341074923159754413919979163"),
            (("second_moment", "b", "c"), "-0.0213864400250776915967868232207"),
            (("mean", "c"), "-0.191139497289558770445948608836"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    Case(
        name="tanh_triple",
        text="""
vector u, v, w ~ N([0, 0, 0], [[1.5, 0.6, 0], [0.6, 0.8, -0.3], [0, -0.3, 6.25]])
a = tanh(u)
b = tanh(v)
c = tanh(w)
""",
        values=(
            (("second_moment", "a", "a"), "0.468288210530614051127133269666"),
            (("second_moment", "b", "b"), "0.354087068194086068997135663093"),
            (("second_moment", "c", "c"), "0.699420582288066118231053540848"),
            (("second_moment", "a", "b"), "0.210183774847898188735460995695"),
            (("second_moment", "b", "c"), "-0.0583305840813700686062441710686"),
            (("mean", "c"), "0"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    Case(
        name="sigmoid_triple",
        text="""
vector u, v, w ~ N([0, 0, 0], [[1.5, 0.6, 0], [0.6, 0.8, -0.3], [0, -0.3, 6.25]])
a = sigmoid(u)
b = sigmoid(v)
c = sigmoid(w)
""",
        values=(
            (("second_moment", "a", "a"), "0.307237301580606211811874269732"),
            (("second_moment", "b", "b"), "0.286795454377492561239889233799"),
            (("second_moment", "c", "c"), "0.368924915575801918627081161542"),
            (("second_moment", "a", "b"), "0.274784537128795174017589198971"),
            (("second_moment", "b", "c"), "0.241611713477792705987954569263"),
            (("mean", "c"), "0.5"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    Case(
        name="softplus_triple",
        text="""
vector u, v, w ~ N([0, 0, 0], [[1.5, 0.6, 0], [0.6, 0.8, -0.3], [0, -0.3, 6.25]])
a = softplus(u)
b = softplus(v)
c = softplus(w)
""",
        values=(
            (("second_moment", "a", "a"), "1.14993776350280345304170371159"),
            (("second_moment", "b", "b"), "0.830971744367709363389751866693"),
            (("second_moment", "c", "c"), "3.4166851001376775544370262181"),
            (("second_moment", "a", "b"), "0.829372625668502785846496053527"),
            (("second_moment", "b", "c"), "0.888575341313720824873812489833"),
            (("mean", "c"), "1.2257668005474323135971608017"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    Case(
        name="silu_triple",
        text="""
vector u, v, w ~ N([0, 0, 0], [[1.5, 0.6, 0], [0.6, 0.8, -0.3], [0, -0.3, 6.25]])
a = silu(u)
b = silu(v)
c = silu(w)
""",
        values=(
            (("second_moment", "a", "a"), "0.57198824685438084591767761415"),
            (("second_moment", "b", "b"), "0.273924624354677237505614448507"),
            (("second_moment", "c", "c"), "2.87240511255908443743177450891"),
            (("second_moment", "a", "b"), "0.220263739199169422591060405109"),
            (("second_moment", "b", "c"), "0.0675924648683370374922366348409"),
            (("mean", "c"), "0.819219277651238008580742740363"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    Case(
        name="log_triple",
        text="""
vector u, v, w ~ N([0, 0, 0], [[1.5, 0.6, 0], [0.6, 0.8, -0.3], [0, -0.3, 6.25]])
a = log(1 + u**2)
b = log(1 + v**2)
c = log(1 + w**2)
""",
        values=(
            (("second_moment", "a", "a"), "0.86222666401227164610009671533"),
            (("second_moment", "b", "b"), "0.425697507551649786611242263747"),
            (("second_moment", "c", "c"), "3.1102294747270443663558475991"),
            (("second_moment", "a", "b"), "0.39440374652604932853339649956"),
            (("second_moment", "b", "c"), "0.664496265307067765213792154907"),
            (("mean", "c"), "1.42790213695316728144623370108"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    Case(
        name="sqrt_triple",
        text="""
vector u, v, w ~ N([0, 0, 0], [[1.5, 0.6, 0], [0.6, 0.8, -0.3], [0, -0.3, 6.25]])
a = sqrt(1 + u**2)
b = sqrt(1 + v**2)
c = sqrt(1 + w**2)
""",
        values=(
            (("second_moment", "a", "a"), "2.5"),
            (("second_moment", "b", "b"), "1.8"),
            (("second_moment", "c", "c"), "7.25"),
            (("second_moment", "a", "b"), "1.98134557394381934480995321452"),
            (("second_moment", "b", "c"), "3.04978087603564244168498583563"),
            (("mean", "c"), "2.34682842161655385768896523076"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    Case(
        name="hermite_polynomials",
        text="""
vector u, v ~ N([0, 0], [[1, 0.375], [0.375, 1]])
function he2(z) = z**2 - 1
function he3(z) = z**3 - 3*z
a2 = he2(u)
b2 = he2(v)
a3 = he3(u)
b3 = he3(v)
""",
        values=(
            (("second_moment", "a2", "b2"), "0.28125"),
            (("second_moment", "a3", "b3"), "0.31640625"),
            (("second_moment", "a2", "b3"), "0"),
            (("second_moment", "a3", "a3"), "6.0"),
            (("mean", "a2"), "0"),
        ),
        source="hand: k! rho^k",
    ),
    # The same at variances 0.01, 1 and 25: one-dimensional integrals.
    Case(
        name="tanh_at_three_variances",
        text="""
vector u ~ N(0, 0.01)
vector v ~ N(0, 1)
vector w ~ N(0, 25)
a = tanh(u)
b = tanh(v)
c = tanh(w)
""",
        values=(
            (("second_moment", "a", "a"), "0.0098054687555324056422896371438"),
            (("second_moment", "b", "b"), "0.394294490397841174416459772444"),
            (("second_moment", "c", "c"), "0.842961759562543692326174152086"),
        ),
        source="mpmath",
    ),
    Case(
        name="sigmoid_at_three_variances",
        text="""
vector u ~ N(0, 0.01)
vector v ~ N(0, 1)
vector w ~ N(0, 25)
a = sigmoid(u)
b = sigmoid(v)
c = sigmoid(w)
""",
        values=(
            (("second_moment", "a", "a"), "0.250621896935813913816117782677"),
            (("second_moment", "b", "b"), "0.293379035858092962737649171282"),
            (("second_moment", "c", "c"), "0.424855145572016529557763385212"),
            (("mean", "a"), "0.5"),
            (("mean", "b"), "0.5"),
            (("mean", "c"), "0.5"),
        ),
        source="mpmath",
    ),
    Case(
        name="softplus_at_three_variances",
        text="""
vector u ~ N(0, 0.01)
vector v ~ N(0, 1)
vector w ~ N(0, 25)
a = softplus(u)
b = softplus(v)
c = softplus(w)
""",
        values=(
            (("second_moment", "a", "a"), "0.484688391054288724624930339795"),
            (("second_moment", "b", "b"), "0.921245908859300278677248686821"),
            (("second_moment", "c", "c"), "12.6756040982169586736082464061"),
            (("mean", "a"), "0.694395623240809341261968095106"),
            (("mean", "b"), "0.806059183347439784528228831504"),
            (("mean", "c"), "2.12054741468283525911594287819"),
        ),
        source="mpmath",
    ),
    Case(
        name="silu_at_three_variances",
        text="""
vector u ~ N(0, 0.01)
vector v ~ N(0, 1)
vector w ~ N(0, 25)
a = silu(u)
b = silu(v)
c = silu(w)
""",
        values=(
            (("second_moment", "a", "a"), "0.0025185952815587471878413091384"),
            (("second_moment", "b", "b"), "0.355775519817352156230794292334"),
            (("second_moment", "c", "c"), "12.2933798204970819531692709465"),
            (("mean", "a"), "0.00249378103064186086183882217323"),
            (("mean", "b"), "0.206620964141907037262350828718"),
            (("mean", "c"), "1.8786213606995867610559153697"),
        ),
        source="mpmath",
    ),
    Case(
        name="gelu_at_three_variances",
        text="""
vector u ~ N(0, 0.01)
vector v ~ N(0, 1)
vector w ~ N(0, 25)
a = gelu(u)
b = gelu(v)
c = gelu(w)
""",
        values=(
            (("second_moment", "a", "a"), "0.00254696349457749588118042708489"),
            (("second_moment", "b", "b"), "0.425221482570298674918554416385"),
            (("second_moment", "c", "c"), "12.4643405742756451777360232648"),
            (("mean", "a"), "0.00396962405746607188473369045438"),
            (("mean", "b"), "0.28209479177387814347403972578"),
            (("mean", "c"), "1.9559754543885669517792932634"),
        ),
        source="mpmath",
    ),
    # Nonzero means.
    Case(
        name="relu_means",
        text="""
vector u, v ~ N([0.5, -0.75], [[1.5, 0.6], [0.6, 0.8]])
a = relu(u)
b = relu(v)
""",
        values=(
            (("second_moment", "a", "a"), "1.37706303250416183653137386208"),
            (("second_moment", "b", "b"), "0.0853891885760847812800309206997"),
            (("second_moment", "a", "b"), "0.173399668405779906297610337194"),
            (("mean", "a"), "0.77876316247273672803556753721"),
            (("mean", "b"), "0.100406754994765777235538858444"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    Case(
        name="step_means",
        text="""
vector u, v ~ N([0.5, -0.75], [[1.5, 0.6], [0.6, 0.8]])
a = step(u)
b = step(v)
""",
        values=(
            (("second_moment", "a", "a"), "0.658454300845195648342393395652"),
            (("second_moment", "b", "b"), "0.200867818527698892758356330666"),
            (("second_moment", "a", "b"), "0.182968168911322331159859061558"),
            (("mean", "a"), "0.658454300845195648342393395652"),
            (("mean", "b"), "0.200867818527698892758356330666"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    Case(
        name="abs_means",
        text="""
vector u, v ~ N([0.5, -0.75], [[1.5, 0.6], [0.6, 0.8]])
a = abs(u)
b = abs(v)
""",
        values=(
            (("second_moment", "a", "a"), "1.75"),
            (("second_moment", "b", "b"), "1.3625"),
            (("second_moment", "a", "b"), "0.955150119089985490687354124565"),
            (("mean", "a"), "1.05752632494547345607113507442"),
            (("mean", "b"), "0.950813509989531554471077716888"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    Case(
        name="erf_means",
        text="""
vector u, v ~ N([0.5, -0.75], [[1.5, 0.6], [0.6, 0.8]])
a = erf(u)
b = erf(v)
""",
        values=(
            (("second_moment", "a", "a"), "0.56900704369665996222347326088"),
            (("second_moment", "b", "b"), "0.54187383700179961361939835554"),
            (("second_moment", "a", "b"), "0.0376338849756186972267017168064"),
            (("mean", "a"), "0.276326390168236932985068267765"),
            (("mean", "b"), "-0.489329177613843205695200716247"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    Case(
        name="gelu_means",
        text="""
vector u, v ~ N([0.5, -0.75], [[1.5, 0.6], [0.6, 0.8]])
a = gelu(u)
b = gelu(v)
""",
        values=(
            (("second_moment", "a", "a"), "1.26566309902693556002132313631"),
            (("second_moment", "b", "b"), "0.0738026236989592374191712335139"),
            (("second_moment", "a", "b"), "0.0847675379513853212321043822935"),
            (("mean", "a"), "0.672054276017578473325582046152"),
            (("mean", "b"), "-0.0125839989497660434934292590112"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    Case(
        name="tanh_means",
        text="""
vector u, v ~ N([0.5, -0.75], [[1.5, 0.6], [0.6, 0.8]])
a = tanh(u)
b = tanh(v)
""",
        values=(
            (("second_moment", "a", "a"), "0.497713045499299113490326880723"),
            (("second_moment", "b", "b"), "0.467365110627200631399483010216"),
            (("second_moment", "a", "b"), "0.0373526728730365875581545533326"),
            (("mean", "a"), "0.26089415563345227349502022387"),
            (("mean", "b"), "-0.454953825776005754442110505399"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    Case(
        name="polynomial_means",
        text="""
vector u, v ~ N([0.5, -0.75], [[1.5, 0.6], [0.6, 0.8]])
a = u**3 - 2*u**2 + u
b = v**3 - 2*v**2 + v
""",
        values=(
            (("second_moment", "a", "a"), "48.859375"),
            (("second_moment", "b", "b"), "110.972509765625"),
            (("second_moment", "a", "b"), "27.009671875"),
            (("mean", "a"), "-0.625"),
            (("mean", "b"), "-5.696875"),
        ),
        source="mpmath",
    ),
    Case(
        name="exp_means",
        text="""
vector u, v ~ N([0.5, -0.75], [[1.5, 0.6], [0.6, 0.8]])
a = exp(0.5*u)
b = exp(0.5*v)
""",
        values=(
            (("second_moment", "a", "a"), "3.49034295746184137613054602967"),
            (("second_moment", "b", "b"), "0.704688089718713434354820699031"),
            (("second_moment", "a", "b"), "1.36683794117379636283875677272"),
            (("mean", "a"), "1.5488302986341330979985519846"),
            (("mean", "b"), "0.759572123224968476277768259778"),
        ),
        source="hand: moments of the lognormal law",
    ),
    Case(
        name="sin_means",
        text="""
vector u, v ~ N([0.5, -0.75], [[1.5, 0.6], [0.6, 0.8]])
a = sin(u)
b = sin(v)
""",
        values=(
            (("second_moment", "a", "a"), "0.486549966079214196109387105901"),
            (("second_moment", "b", "b"), "0.492859202645302525421271382002"),
            (("second_moment", "a", "b"), "0.00677672240694896865191065821308"),
            (("mean", "a"), "0.226464588966471639030441796915"),
            (("mean", "b"), "-0.456916124998517448485532364903"),
        ),
        source="hand: E cos of a Gaussian",
    ),
    Case(
        name="cos_means",
        text="""
vector u, v ~ N([0.5, -0.75], [[1.5, 0.6], [0.6, 0.8]])
a = cos(u)
b = cos(v)
""",
        values=(
            (("second_moment", "a", "a"), "0.513450033920785803890612894099"),
            (("second_moment", "b", "b"), "0.507140797354697474578728617998"),
            (("second_moment", "a", "b"), "0.175148454785728396405072824541"),
            (("mean", "a"), "0.414540649505783546995373912426"),
            (("mean", "b"), "0.490465716267264464357460572923"),
        ),
        source="hand: E cos of a Gaussian",
    ),
    # Correlation 1 - 1e-12 and 1e-12 - 1, in the float64 entries Python reads; near -1 relative to the small value.
    Case(
        name="nearly_equal_relu",
        text="""
vector u, v ~ N([0, 0], [[1, 0.999999999999], [0.999999999999, 1]])
a = relu(u)
b = relu(v)
""",
        values=((("second_moment", "a", "b"), "0.499999999999500011210907801003"),),
        source="hand: the closed form in 90 digits",
    ),
    Case(
        name="nearly_equal_step",
        text="""
vector u, v ~ N([0, 0], [[1, 0.999999999999], [0.999999999999, 1]])
a = step(u)
b = step(v)
""",
        values=((("second_moment", "a", "b"), "0.499999774923410542669118029783"),),
        source="hand: the closed form in 90 digits",
        bound=1e-10,
    ),
    Case(
        name="nearly_equal_erf",
        text="""
vector u, v ~ N([0, 0], [[1, 0.999999999999], [0.999999999999, 1]])
a = erf(u)
b = erf(v)
""",
        values=((("second_moment", "a", "b"), "0.46455905439697058107112831698"),),
        source="hand: the closed form in 90 digits",
    ),
    Case(
        name="nearly_equal_relu_unequal_variances",
        text="""
vector u, v ~ N([0, 0], [[2, 0.999999999999], [0.999999999999, 0.5]])
a = relu(u)
b = relu(v)
""",
        values=((("second_moment", "a", "b"), "0.499999999999500011210907801003"),),
        source="hand: the closed form in 90 digits",
    ),
    Case(
        name="nearly_equal_step_unequal_variances",
        text="""
vector u, v ~ N([0, 0], [[2, 0.999999999999], [0.999999999999, 0.5]])
a = step(u)
b = step(v)
""",
        values=((("second_moment", "a", "b"), "0.499999774923410542669118029783"),),
        source="hand: the closed form in 90 digits",
        bound=1e-10,
    ),
    Case(
        name="nearly_equal_erf_unequal_variances",
        text="""
vector u, v ~ N([0, 0], [[2, 0.999999999999], [0.999999999999, 0.5]])
a = erf(u)
b = erf(v)
""",
        values=((("second_moment", "a", "b"), "0.435905783150505282019459714032"),),
        source="hand: the closed form in 90 digits",
    ),
    Case(
        name="nearly_opposite_relu",
        text="""
vector u, v ~ N([0, 0], [[1, -0.999999999999], [-0.999999999999, 1]])
a = relu(u)
b = relu(v)
""",
        values=((("second_moment", "a", "b"), "1.50047740250670334672283972165e-19"),),
        source="hand: the closed form in 90 digits",
        accuracy=1e-10,
        bound=0.001,
        relative=True,
    ),
    Case(
        name="nearly_opposite_step",
        text="""
vector u, v ~ N([0, 0], [[1, -0.999999999999], [-0.999999999999, 1]])
a = step(u)
b = step(v)
""",
        values=((("second_moment", "a", "b"), "2.25076589457330881970217471912e-7"),),
        source="hand: the closed form in 90 digits",
        accuracy=1e-10,
        bound=0.0003,
        relative=True,
    ),
    Case(
        name="nearly_opposite_erf",
        text="""
vector u, v ~ N([0, 0], [[1, -0.999999999999], [-0.999999999999, 1]])
a = erf(u)
b = erf(v)
""",
        values=((("second_moment", "a", "b"), "-0.46455905439697058107112831698"),),
        source="hand: the closed form in 90 digits",
    ),
    Case(
        name="nearly_opposite_relu_unequal_variances",
        text="""
vector u, v ~ N([0, 0], [[2, -0.999999999999], [-0.999999999999, 0.5]])
a = relu(u)
b = relu(v)
""",
        values=((("second_moment", "a", "b"), "1.50047740250670334672283972165e-19"),),
        source="hand: the closed form in 90 digits",
        accuracy=1e-10,
        bound=0.001,
        relative=True,
    ),
    Case(
        name="nearly_opposite_step_unequal_variances",
        text="""
vector u, v ~ N([0, 0], [[2, -0.999999999999], [-0.999999999999, 0.5]])
a = step(u)
b = step(v)
""",
        values=((("second_moment", "a", "b"), "2.25076589457330881970217471912e-7"),),
        source="hand: the closed form in 90 digits",
        accuracy=1e-10,
        bound=0.0003,
        relative=True,
    ),
    Case(
        name="nearly_opposite_erf_unequal_variances",
        text="""
vector u, v ~ N([0, 0], [[2, -0.999999999999], [-0.999999999999, 0.5]])
a = erf(u)
b = erf(v)
""",
        values=((("second_moment", "a", "b"), "-0.435905783150505282019459714032"),),
        source="hand: the closed form in 90 digits",
    ),
    # quotient(phi, ...) with eps -> 0: the directional derivative.
    Case(
        name="quotient_tanh",
        text="""
vector u, w ~ N([0, 0], [[1.5, 0.6], [0.6, 0.8]])
scalar eps = n**-1 -> 0
q = quotient(tanh, u, w, eps)
""",
        values=(
            (("second_moment", "q", "q"), "0.237244010282924153352084083995"),
            (("second_moment", "q", "u"), "0.100893767925848496356281046967"),
            (("second_moment", "q", "w"), "0.338116109273195529911317787774"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    Case(
        name="quotient_relu",
        text="""
vector u, w ~ N([0, 0], [[1.5, 0.6], [0.6, 0.8]])
scalar eps = n**-1 -> 0
q = quotient(relu, u, w, eps)
""",
        values=(
            (("second_moment", "q", "q"), "0.4"),
            (("second_moment", "q", "u"), "0.3"),
            (("second_moment", "q", "w"), "0.4"),
            (("mean", "q"), "0.195441004761167968634553849135"),
        ),
        source="hand: step(u) w, half of each second moment by symmetry",
    ),
    Case(
        name="quotient_product",
        text="""
vector u, w ~ N([0, 0], [[1.5, 0.6], [0.6, 0.8]])
scalar eps = n**-1 -> 0
function times(y, z) = y*z
q = quotient(times, u, w, w, u, eps)
""",
        values=(
            (("second_moment", "q", "q"), "12.51"),
            (("mean", "q"), "2.3"),
        ),
        source="hand: w^2 + u^2 by Wick",
    ),
    # Kinks in two and three variables.
    Case(
        name="relu_times_tanh",
        text="""
vector u, v ~ N([0, 0], [[1.25, -0.5], [-0.5, 0.75]])
z = relu(u)*tanh(v)
""",
        values=(
            (("second_moment", "z", "z"), "0.273014210062780497815381219338"),
            (("mean", "z"), "-0.164340257025670623919677395304"),
            (("second_moment", "z", "u"), "-0.286032346881992464679165332429"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    Case(
        name="maximum_of_two",
        text="""
vector u, v ~ N([0.25, -0.5], [[1.25, -0.5], [-0.5, 0.75]])
z = maximum(u, v)
""",
        values=(
            (("mean", "z"), "0.629774927491405474560796107995"),
            (("second_moment", "z", "z"), "1.05130488260164135553729383025"),
        ),
        source="hand: Clark's formulas",
        accuracy=1e-09,
    ),
    Case(
        name="relu_of_sum_with_tanh",
        text="""
vector u, v ~ N([0, 0], [[1.25, -0.5], [-0.5, 0.75]])
z = relu(u + tanh(v))
""",
        values=(
            (("mean", "z"), "0.385766747453779970232154078496"),
            (("second_moment", "z", "z"), "0.467638971897317504321290418784"),
            (("second_moment", "z", "v"), "-0.00348961446149406412048390704387"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    Case(
        name="relu_times_relu_times_relu_of_sum",
        text="""
vector u, v ~ N([0, 0], [[1.25, -0.5], [-0.5, 0.75]])
z = relu(u)*relu(v)*relu(u + v)
""",
        values=(
            (("second_moment", "z", "z"), "0.205755299979583251186771367431"),
            (("mean", "z"), "0.0896183512031846953198278152641"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    Case(
        name="relu_relu_relu",
        text="""
vector u, v, w ~ N([0, 0, 0], [[0.8, 0.3, -0.2], [0.3, 1.25, 0.4], [-0.2, 0.4, 0.6]])
z = relu(u)*relu(v)*relu(w)
""",
        values=(
            (("second_moment", "z", "z"), "0.182854075213911930197427047643"),
            (("mean", "z"), "0.0863754117819637543662900612703"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    # Smooth functions of three variables.
    Case(
        name="tanh_tanh_tanh",
        text="""
vector u, v, w ~ N([0, 0, 0], [[0.8, 0.3, -0.2], [0.3, 1.25, 0.4], [-0.2, 0.4, 0.6]])
z = tanh(u)*tanh(v)*tanh(w)
""",
        values=(
            (("second_moment", "z", "z"), "0.0525699413091952"),
            (("second_moment", "z", "u"), "0.0528191174631433"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    Case(
        name="sigmoid_tanh_sigmoid",
        text="""
vector u, v, w ~ N([0, 0, 0], [[0.8, 0.3, -0.2], [0.3, 1.25, 0.4], [-0.2, 0.4, 0.6]])
z = sigmoid(u)*tanh(v)*sigmoid(w)
""",
        values=(
            (("second_moment", "z", "z"), "0.0333744575074047"),
            (("mean", "z"), "0.0431629882293254"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    Case(
        name="tanh_of_sum_and_product",
        text="""
vector u, v, w ~ N([0, 0, 0], [[0.8, 0.3, -0.2], [0.3, 1.25, 0.4], [-0.2, 0.4, 0.6]])
z = tanh(u + sin(v)*sigmoid(w))
""",
        values=(
            (("second_moment", "z", "z"), "0.415051755754501"),
            (("mean", "z"), "0.0352783342227813"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    Case(
        name="tanh_times_polynomial",
        text="""
vector u, v, w ~ N([0, 0, 0], [[0.8, 0.3, -0.2], [0.3, 1.25, 0.4], [-0.2, 0.4, 0.6]])
z = tanh(u)*v*w
""",
        values=(
            (("second_moment", "z", "z"), "0.378928467162824218920427038126"),
            (("second_moment", "z", "u"), "0.150559110960610172441522620353"),
        ),
        source="mpmath: v and w by Wick given u",
    ),
    # There and back: powers of W W^T (Marchenko-Pastur).
    # catches: drops Z-dot, last y only, drops sigma_W^2, Z for Z-hat, covariances, independent
    Case(
        name="powers_of_w_wt",
        text="""
matrix W ~ N(0, 1.25/n)
vector x ~ N(0.5, 0.5)
y1 = W.T @ x
x1 = W @ y1
y2 = W.T @ x1
x2 = W @ y2
y3 = W.T @ x2
x3 = W @ y3
y4 = W.T @ x3
x4 = W @ y4
""",
        values=(
            (("second_moment", "x", "x1"), "0.9375"),
            (("second_moment", "x", "x2"), "2.34375"),
            (("second_moment", "x", "x3"), "7.32421875"),
            (("second_moment", "x", "x4"), "25.634765625"),
            (("second_moment", "x1", "x1"), "2.34375"),
            (("second_moment", "x1", "x2"), "7.32421875"),
            (("second_moment", "x1", "x3"), "25.634765625"),
            (("second_moment", "x1", "x4"), "96.13037109375"),
            (("second_moment", "x2", "x2"), "25.634765625"),
            (("second_moment", "x2", "x3"), "96.13037109375"),
            (("second_moment", "x2", "x4"), "377.655029296875"),
            (("second_moment", "x3", "x3"), "377.655029296875"),
            (("second_moment", "x3", "x4"), "1534.2235565185546875"),
            (("second_moment", "x4", "x4"), "6392.59815216064453125"),
            (("mean", "x1"), "0.625"),
            (("mean", "x2"), "1.5625"),
            (("mean", "x3"), "4.8828125"),
            (("mean", "x4"), "17.08984375"),
            (("zdot", "x1", "x"), "1.25"),
            (("zdot", "x2", "x1"), "1.25"),
            (("zdot", "x2", "x"), "1.5625"),
            (("zdot", "x3", "x2"), "1.25"),
            (("zdot", "x3", "x1"), "1.5625"),
            (("zdot", "x3", "x"), "3.90625"),
            (("zdot", "x4", "x3"), "1.25"),
            (("zdot", "x4", "x2"), "1.5625"),
            (("zdot", "x4", "x1"), "3.90625"),
            (("zdot", "x4", "x"), "12.20703125"),
        ),
        source="hand: E x_j x_k = 0.75 1.25^{j+k} Catalan(j+k)",
    ),
    # catches: drops Z-dot, last y only, drops sigma_W^2, ignores the ratio, Z for Z-hat, covariances, independent
    Case(
        name="powers_of_a_at_twice_as_wide",
        text="""
width m = 2*n
matrix A : m x n ~ N(0, 1.25/n)
vector x : m ~ N(0.5, 0.5)
y1 = A.T @ x
x1 = A @ y1
y2 = A.T @ x1
x2 = A @ y2
""",
        values=(
            (("second_moment", "x", "x1"), "0.9375"),
            (("second_moment", "x1", "x1"), "3.515625"),
            (("second_moment", "x", "x2"), "3.515625"),
            (("second_moment", "x1", "x2"), "16.11328125"),
            (("second_moment", "x2", "x2"), "82.3974609375"),
            (("zdot", "x1", "x"), "1.25"),
            (("zdot", "x2", "x1"), "1.25"),
            (("zdot", "x2", "x"), "3.125"),
            (("zdot", "y2", "y1"), "2.5"),
        ),
        source="hand: moments of the Marchenko-Pastur law with ratio m/n",
    ),
    # catches: drops Z-dot, last y only, drops sigma_W^2, ignores the ratio, Z for Z-hat, covariances, independent
    Case(
        name="powers_of_at_a_twice_as_wide",
        text="""
width m = 2*n
matrix A : m x n ~ N(0, 1.25/n)
vector p ~ N(0.5, 0.5)
q1 = A @ p
p1 = A.T @ q1
q2 = A @ p1
p2 = A.T @ q2
""",
        values=(
            (("second_moment", "p", "p1"), "1.875"),
            (("second_moment", "p1", "p1"), "7.03125"),
            (("second_moment", "p", "p2"), "7.03125"),
            (("second_moment", "p1", "p2"), "32.2265625"),
            (("second_moment", "p2", "p2"), "164.794921875"),
            (("zdot", "p1", "p"), "2.5"),
            (("zdot", "p2", "p1"), "2.5"),
            (("zdot", "p2", "p"), "3.125"),
            (("zdot", "q2", "q1"), "1.25"),
        ),
        source="hand: moments of the Marchenko-Pastur law with ratio m/n, times m/n",
    ),
    # catches: drops Z-dot, last y only, drops sigma_W^2, ignores the ratio, Z for Z-hat, covariances, independent
    Case(
        name="powers_of_a_at_half_as_wide",
        text="""
width m = 0.5*n
matrix A : m x n ~ N(0, 1.25/n)
vector x : m ~ N(0.5, 0.5)
y1 = A.T @ x
x1 = A @ y1
y2 = A.T @ x1
x2 = A @ y2
""",
        values=(
            (("second_moment", "x", "x1"), "0.9375"),
            (("second_moment", "x1", "x1"), "1.7578125"),
            (("second_moment", "x", "x2"), "1.7578125"),
            (("second_moment", "x1", "x2"), "4.0283203125"),
            (("second_moment", "x2", "x2"), "10.2996826171875"),
            (("zdot", "x1", "x"), "1.25"),
            (("zdot", "x2", "x1"), "1.25"),
            (("zdot", "x2", "x"), "0.78125"),
            (("zdot", "y2", "y1"), "0.625"),
        ),
        source="hand: moments of the Marchenko-Pastur law with ratio m/n",
    ),
    # catches: drops Z-dot, last y only, drops sigma_W^2, ignores the ratio, Z for Z-hat, covariances, independent
    Case(
        name="powers_of_at_a_half_as_wide",
        text="""
width m = 0.5*n
matrix A : m x n ~ N(0, 1.25/n)
vector p ~ N(0.5, 0.5)
q1 = A @ p
p1 = A.T @ q1
q2 = A @ p1
p2 = A.T @ q2
""",
        values=(
            (("second_moment", "p", "p1"), "0.46875"),
            (("second_moment", "p1", "p1"), "0.87890625"),
            (("second_moment", "p", "p2"), "0.87890625"),
            (("second_moment", "p1", "p2"), "2.01416015625"),
            (("second_moment", "p2", "p2"), "5.14984130859375"),
            (("zdot", "p1", "p"), "0.625"),
            (("zdot", "p2", "p1"), "0.625"),
            (("zdot", "p2", "p"), "0.78125"),
            (("zdot", "q2", "q1"), "1.25"),
        ),
        source="hand: moments of the Marchenko-Pastur law with ratio m/n, times m/n",
    ),
    # W^T phi(W x) and A phi(A^T z).
    # catches: drops Z-dot, drops sigma_W^2, covariances
    Case(
        name="wt_relu_w",
        text="""
matrix W ~ N(0, 1.5/n)
vector x ~ N(0.5, 0.5)
g = W @ x
p = relu(g)
h = W.T @ p
""",
        values=(
            (("second_moment", "h", "h"), "1.265625"),
            (("second_moment", "h", "x"), "0.5625"),
            (("mean", "h"), "0.375"),
            (("zdot", "h", "x"), "0.75"),
            (("hat_covariance", "h", "h"), "0.84375"),
        ),
        source="hand: Z-dot = 1.5 E phi'(g) x",
    ),
    # catches: drops Z-dot, drops sigma_W^2, ignores the ratio, covariances
    Case(
        name="at_relu_a_twice_as_wide",
        text="""
width m = 2*n
matrix A : m x n ~ N(0, 1.5/n)
vector x ~ N(0.5, 0.5)
g = A @ x
p = relu(g)
h = A.T @ p
""",
        values=(
            (("second_moment", "h", "h"), "3.375"),
            (("second_moment", "h", "x"), "1.125"),
            (("zdot", "h", "x"), "1.5"),
            (("hat_covariance", "h", "h"), "1.6875"),
        ),
        source="hand: Z-dot = r 1.5 E phi'(g) x, r = m/n",
    ),
    # catches: drops Z-dot, drops sigma_W^2, ignores the ratio, covariances
    Case(
        name="a_relu_at_twice_as_wide",
        text="""
width m = 2*n
matrix A : m x n ~ N(0, 1.5/n)
vector z : m ~ N(0.5, 0.5)
y = A.T @ z
p = relu(y)
h = A @ p
""",
        values=(
            (("second_moment", "y", "y"), "2.25"),
            (("second_moment", "h", "h"), "2.109375"),
            (("second_moment", "h", "z"), "0.5625"),
            (("zdot", "h", "z"), "0.75"),
            (("hat_covariance", "h", "h"), "1.6875"),
        ),
        source="hand: Var y = r 1.5 E z^2, Z-dot = 1.5 E phi'(y) z",
    ),
    # catches: drops Z-dot, drops sigma_W^2, ignores the ratio, covariances
    Case(
        name="at_relu_a_half_as_wide",
        text="""
width m = 0.5*n
matrix A : m x n ~ N(0, 1.5/n)
vector x ~ N(0.5, 0.5)
g = A @ x
p = relu(g)
h = A.T @ p
""",
        values=(
            (("second_moment", "h", "h"), "0.52734375"),
            (("second_moment", "h", "x"), "0.28125"),
            (("zdot", "h", "x"), "0.375"),
            (("hat_covariance", "h", "h"), "0.421875"),
        ),
        source="hand: Z-dot = r 1.5 E phi'(g) x, r = m/n",
    ),
    # catches: drops Z-dot, drops sigma_W^2, ignores the ratio, covariances
    Case(
        name="a_relu_at_half_as_wide",
        text="""
width m = 0.5*n
matrix A : m x n ~ N(0, 1.5/n)
vector z : m ~ N(0.5, 0.5)
y = A.T @ z
p = relu(y)
h = A @ p
""",
        values=(
            (("second_moment", "y", "y"), "0.5625"),
            (("second_moment", "h", "h"), "0.84375"),
            (("second_moment", "h", "z"), "0.5625"),
            (("zdot", "h", "z"), "0.75"),
            (("hat_covariance", "h", "h"), "0.421875"),
        ),
        source="hand: Var y = r 1.5 E z^2, Z-dot = 1.5 E phi'(y) z",
    ),
    # catches: drops Z-dot, drops sigma_W^2, covariances
    Case(
        name="wt_tanh_w",
        text="""
matrix W ~ N(0, 1.5/n)
vector x ~ N(0.5, 0.5)
g = W @ x
p = tanh(g)
h = W.T @ p
""",
        values=(
            (("second_moment", "h", "h"), "1.19964248818890758968397715342"),
            (("second_moment", "h", "x"), "0.657263683479946164788200159243"),
            (("mean", "h"), "0.438175788986630776525466772828"),
            (("zdot", "h", "x"), "0.876351577973261553050933545657"),
            (("hat_covariance", "h", "h"), "0.623648422026738446949066454343"),
        ),
        source="mpmath",
    ),
    # catches: drops Z-dot, drops sigma_W^2, ignores the ratio, covariances
    Case(
        name="a_tanh_at_twice_as_wide",
        text="""
width m = 2*n
matrix A : m x n ~ N(0, 1.5/n)
vector z : m ~ N(0.5, 0.5)
y = A.T @ z
p = tanh(y)
h = A @ p
""",
        values=(
            (("second_moment", "y", "y"), "2.25"),
            (("second_moment", "h", "h"), "1.1670416694238038807710631831"),
            (("second_moment", "h", "z"), "0.516770571482597442430466317491"),
            (("zdot", "h", "z"), "0.689027428643463256573955089988"),
            (("hat_covariance", "h", "h"), "0.810972571356536743426044910012"),
        ),
        source="mpmath",
    ),
    # catches: drops Z-dot, drops sigma_W^2, ignores the ratio, covariances
    Case(
        name="a_tanh_at_half_as_wide",
        text="""
width m = 0.5*n
matrix A : m x n ~ N(0, 1.5/n)
vector z : m ~ N(0.5, 0.5)
y = A.T @ z
p = tanh(y)
h = A @ p
""",
        values=(
            (("second_moment", "y", "y"), "0.5625"),
            (("second_moment", "h", "h"), "1.28291624168632696712049403185"),
            (("second_moment", "h", "z"), "0.795274755549378493326586275476"),
            (("zdot", "h", "z"), "1.06036634073250465776878170063"),
            (("hat_covariance", "h", "h"), "0.439633659267495342231218299365"),
        ),
        source="mpmath",
    ),
    # catches: drops Z-dot, drops sigma_W^2, covariances
    Case(
        name="wt_cube_w",
        text="""
matrix W ~ N(0, 1.5/n)
vector x ~ N(0.5, 0.5)
g = W @ x
p = g**3
h = W.T @ p
""",
        values=(
            (("second_moment", "h", "h"), "51.2578125"),
            (("second_moment", "h", "x"), "3.796875"),
            (("mean", "h"), "2.53125"),
            (("zdot", "h", "x"), "5.0625"),
            (("hat_covariance", "h", "h"), "32.0361328125"),
        ),
        source="hand: Z-dot = 1.5 E phi'(g) x",
    ),
    # catches: drops Z-dot, drops sigma_W^2, covariances
    Case(
        name="wt_step_w",
        text="""
matrix W ~ N(0, 1.5/n)
vector x ~ N(0.5, 0.5)
g = W @ x
p = step(g)
h = W.T @ p
""",
        values=(
            (("second_moment", "h", "h"), "0.988732414637843003653325645059"),
            (("second_moment", "h", "x"), "0.423142187660817215211059588671"),
            (("mean", "h"), "0.28209479177387814347403972578"),
            (("zdot", "h", "x"), "0.564189583547756286948079451561"),
            (("hat_covariance", "h", "h"), "0.75"),
        ),
        source="hand: Z-dot = 1.5 E phi'(g) x",
    ),
    # catches: drops Z-dot, drops sigma_W^2, ignores the ratio, covariances
    Case(
        name="at_step_a_twice_as_wide",
        text="""
width m = 2*n
matrix A : m x n ~ N(0, 1.5/n)
vector x ~ N(0.5, 0.5)
g = A @ x
p = step(g)
h = A.T @ p
""",
        values=(
            (("second_moment", "h", "h"), "2.45492965855137201461330258024"),
            (("second_moment", "h", "x"), "0.846284375321634430422119177341"),
            (("zdot", "h", "x"), "1.12837916709551257389615890312"),
            (("hat_covariance", "h", "h"), "1.5"),
        ),
        source="hand: Z-dot = r 1.5 E phi'(g) x, r = m/n",
    ),
    # catches: drops Z-dot, drops sigma_W^2, ignores the ratio, covariances
    Case(
        name="at_step_a_half_as_wide",
        text="""
width m = 0.5*n
matrix A : m x n ~ N(0, 1.5/n)
vector x ~ N(0.5, 0.5)
g = A @ x
p = step(g)
h = A.T @ p
""",
        values=(
            (("second_moment", "h", "h"), "0.434683103659460750913331411265"),
            (("second_moment", "h", "x"), "0.211571093830408607605529794335"),
            (("zdot", "h", "x"), "0.28209479177387814347403972578"),
            (("hat_covariance", "h", "h"), "0.375"),
        ),
        source="hand: Z-dot = r 1.5 E phi'(g) x, r = m/n",
    ),
    # catches: drops Z-dot, drops sigma_W^2, Z for Z-hat, covariances, independent
    Case(
        name="a_tanh_at_relu_a",
        text="""
matrix A ~ N(0, 1.25/n)
vector x ~ N(0.5, 0.5)
vector b ~ N(-0.25, 0.4)
g = A @ x
a = relu(g + b)
h = A.T @ a
t = tanh(h)
k = A @ t
""",
        values=(
            (("second_moment", "h", "h"), "0.785668383299957982565892784281"),
            (("second_moment", "k", "k"), "0.959448152663885798446760637024"),
            (("second_moment", "k", "a"), "0.510405038796618399028546851682"),
            (("second_moment", "k", "x"), "0.140739621077950369566861291158"),
            (("second_moment", "k", "g"), "0.631858527881625985751546971133"),
            (("mean", "k"), "0.281479242155900739133722582316"),
            (("zdot", "k", "a"), "0.810907908629523002424281000739"),
            (("zdot", "h", "x"), "0.518035083213717267089228561995"),
            (("hat_covariance", "k", "g"), "0.316799468437458695573085625416"),
        ),
        source="mpmath: one-dimensional after Stein",
    ),
    # catches: drops Z-dot, last y only, drops sigma_W^2, Z for Z-hat, covariances, independent
    Case(
        name="two_rounds_of_a_tied_autoencoder",
        text="""
matrix W ~ N(0, 1.75/n)
vector x ~ N(0.5, 0.75)
g1 = W @ x
a1 = tanh(g1)
h1 = W.T @ a1
x1 = tanh(h1)
g2 = W @ x1
a2 = tanh(g2)
h2 = W.T @ a2
x2 = tanh(h2)
""",
        values=(
            (("second_moment", "x1", "x1"), "0.48611338249594103208115942"),
            (("second_moment", "x1", "x"), "0.456589587712965120217973984"),
            (("second_moment", "g2", "g2"), "1.97605431561631531459646093"),
            (("second_moment", "a2", "a2"), "0.554771373294134852992001984"),
            (("second_moment", "a1", "a2"), "0.458354903973540128272419692"),
            (("second_moment", "h2", "h2"), "2.4482326289833304865162149"),
            (("second_moment", "h2", "x1"), "1.00128053010729873009886252"),
            (("second_moment", "x2", "x2"), "0.596662522938837945836429053"),
            (("zdot", "g2", "a1"), "0.899301580632103193857971015"),
            (("zdot", "h2", "x"), "0.460645527487632287132835444"),
            (("zdot", "h2", "x1"), "0.779150096735264007263996529"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    # One matrix several times.
    # catches: drops sigma_W^2, covariances, independent
    Case(
        name="w_tanh_w_relu_w",
        text="""
matrix W ~ N(0, 1.5/n)
vector x ~ N(0.75, 0.5)
g1 = W @ x
x1 = relu(g1)
g2 = W @ x1
x2 = tanh(g2)
g3 = W @ x2
""",
        values=(
            (("second_moment", "g1", "g2"), "0.56659493405189505340222335963"),
            (("second_moment", "g2", "g2"), "1.1953125"),
            (("second_moment", "g3", "g3"), "0.640268568838580206870499163913"),
            (("second_moment", "g1", "g3"), "0"),
            (("second_moment", "g2", "g3"), "0.243559736770622999783097488008"),
            (("second_moment", "x2", "x1"), "0.162373157847081999855398325339"),
            (("hat_covariance", "g2", "g3"), "0.243559736770622999783097488008"),
            (("expect", "x1*x1*x2*x2"), "0.389246443120038594669983305318"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    # catches: drops sigma_W^2, covariances, independent
    Case(
        name="w_sigmoid_w_relu_w",
        text="""
matrix W ~ N(0, 1.5/n)
vector x ~ N(0.75, 0.5)
g1 = W @ x
x1 = relu(g1)
g2 = W @ x1
x2 = sigmoid(g2)
g3 = W @ x2
total = g1 + g2 + g3
""",
        values=(
            (("second_moment", "g1", "g3"), "0.5625"),
            (("second_moment", "g2", "g3"), "0.463066276937349290673974125801"),
            (("second_moment", "g3", "g3"), "0.448774853871402454566926406642"),
            (("second_moment", "total", "total"), "6.4221597758498911427193213775"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    # catches: drops sigma_W^2, covariances, independent
    Case(
        name="w_w_x",
        text="""
matrix W ~ N(0, 0.75/n)
vector x ~ N(1.25, 0.6)
g = W @ x
h = W @ g
r = relu(g)
k = W @ r
""",
        values=(
            (("second_moment", "g", "h"), "0"),
            (("second_moment", "h", "h"), "1.21640625"),
            (("second_moment", "g", "k"), "0.476310364648034431423944072276"),
            (("second_moment", "h", "k"), "0.608203125"),
            (("second_moment", "k", "k"), "0.608203125"),
        ),
        source="hand: W W x is not correlated with W x, W relu(W x) is, because E x != 0",
    ),
    # catches: drops sigma_W^2, covariances, independent
    Case(
        name="products_on_correlated_arguments",
        text="""
matrix W ~ N(0, 1.6/n)
vector x, y ~ N([0.5, -0.25], [[1, 0.4], [0.4, 0.5]])
g = W @ x
h = W @ y
p = relu(g)
q = relu(h)
k = W @ p
l = W @ q
r = relu(k) + relu(l)
""",
        values=(
            (("second_moment", "g", "h"), "0.44"),
            (("second_moment", "p", "q"), "0.33511827844427713600442500577"),
            (("second_moment", "k", "k"), "1.6"),
            (("second_moment", "k", "l"), "0.536189245510843417607080009232"),
            (("second_moment", "k", "g"), "0.451351666838205029558463561249"),
            (("second_moment", "k", "h"), "-0.225675833419102514779231780624"),
            (("second_moment", "r", "r"), "1.81333366750614043443532191743"),
            (("expect", "relu(g)*h"), "0.22"),
        ),
        source="hand: the arc-cosine formula twice",
    ),
    # catches: drops sigma_W^2, covariances, independent
    Case(
        name="nonlinearity_of_a_difference",
        text="""
matrix W ~ N(0, 1.6/n)
vector x, y ~ N([0.5, -0.25], [[1, 0.4], [0.4, 0.5]])
g = W @ x
h = W @ y
same = W @ x
zero = g - same
z = relu(g - h)
w1 = W @ z
m1 = sign(g)*sign(h)
""",
        values=(
            (("second_moment", "z", "z"), "1.01"),
            (("second_moment", "z", "g"), "0.78"),
            (("second_moment", "w1", "w1"), "1.616"),
            (("mean", "m1"), "0.212719983272091729761603165615"),
            (("second_moment", "same", "same"), "2.0"),
            (("second_moment", "g", "same"), "2.0"),
            (("second_moment", "zero", "zero"), "0"),
        ),
        source="hand: half of the variance of g - h; a product written twice",
    ),
    # Z-dot with several earlier products.
    # catches: drops Z-dot, last y only, drops sigma_W^2, covariances, independent
    Case(
        name="tanh_plus_relu_plus_product_of_two_y",
        text="""
matrix W ~ N(0, 1.2/n)
vector x1, x2 ~ N([0.5, 1], [[1, 0.25], [0.25, 0.75]])
y1 = W.T @ x1
y2 = W.T @ x2
z = tanh(y1) + relu(y2) + y1*y2
h = W @ z
""",
        values=(
            (("second_moment", "h", "h"), "12.3308229730413751063549144286"),
            (("second_moment", "h", "x1"), "1.2475676842040789233093000955"),
            (("second_moment", "h", "x2"), "1.5285406105224473539855800573"),
            (("mean", "h"), "0.9190270736816315693237200382"),
            (("zdot", "h", "x1"), "0.6380541473632631386474400764"),
            (("zdot", "h", "x2"), "0.6"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    # catches: drops Z-dot, last y only, drops sigma_W^2, covariances, independent
    Case(
        name="step_of_two_y",
        text="""
matrix W ~ N(0, 1.2/n)
vector x1, x2 ~ N([0.5, 1], [[1, 0.25], [0.25, 0.75]])
y1 = W.T @ x1
y2 = W.T @ x2
z = step(y1 - 0.5*y2)
h = W @ z
""",
        values=(
            (("second_moment", "h", "h"), "0.790985931710274402922660516047"),
            (("second_moment", "h", "x1"), "0.394932708483429400863655616093"),
            (("second_moment", "h", "x2"), "-0.0564189583547756286948079451561"),
            (("mean", "h"), "0"),
            (("zdot", "h", "x1"), "0.451351666838205029558463561249"),
            (("zdot", "h", "x2"), "-0.225675833419102514779231780624"),
        ),
        source="hand: Stein form, the density of y1 - y2/2 at 0",
    ),
    # catches: drops Z-dot, last y only, drops sigma_W^2, covariances, independent
    Case(
        name="step_times_sigmoid_of_two_y",
        text="""
matrix W ~ N(0, 1.2/n)
vector x1, x2 ~ N([0.5, 1], [[1, 0.25], [0.25, 0.75]])
y1 = W.T @ x1
y2 = W.T @ x2
z = step(y1)*sigmoid(y2)
h = W @ z
""",
        values=(
            (("second_moment", "h", "h"), "0.356396242394210173094326933713"),
            (("second_moment", "h", "x1"), "0.325115924440955482992453902191"),
            (("second_moment", "h", "x2"), "0.335148313379698861607525765319"),
            (("mean", "h"), "0.205473393699911347249625712263"),
            (("zdot", "h", "x1"), "0.195441004761167968634553849135"),
            (("zdot", "h", "x2"), "0.107752891319327362932348787696"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    # catches: drops Z-dot, last y only, drops sigma_W^2, ignores the ratio, covariances, independent
    Case(
        name="step_of_two_y_twice_as_wide",
        text="""
width m = 2*n
matrix A : m x n ~ N(0, 1.2/n)
vector x1, x2 : m ~ N([0.5, 1], [[1, 0.25], [0.25, 0.75]])
y1 = A.T @ x1
y2 = A.T @ x2
z = step(y1 - 0.5*y2)
h = A @ z
""",
        values=(
            (("second_moment", "h", "h"), "0.695492965855137201461330258024"),
            (("second_moment", "h", "x1"), "0.279259596281002874557962241954"),
            (("second_moment", "h", "x2"), "-0.0398942280401432677939946059934"),
            (("mean", "h"), "0"),
            (("zdot", "h", "x1"), "0.319153824321146142351956847948"),
            (("zdot", "h", "x2"), "-0.159576912160573071175978423974"),
            (("second_moment", "y1", "y2"), "1.8"),
        ),
        source="hand: Stein form at unequal widths",
    ),
    # catches: drops Z-dot, last y only, drops sigma_W^2, ignores the ratio, covariances, independent
    Case(
        name="relu_times_y_twice_as_wide",
        text="""
width m = 2*n
matrix A : m x n ~ N(0, 1.2/n)
vector x1, x2 ~ N([0.5, 1], [[1, 0.25], [0.25, 0.75]])
y1 = A @ x1
y2 = A @ x2
z = relu(y1)*y2
h = A.T @ z
""",
        values=(
            (("second_moment", "h", "h"), "9.98680599577332467323378271817"),
            (("second_moment", "h", "x1"), "1.75896904285051171771098464222"),
            (("second_moment", "h", "x2"), "2.57982126284741718597611080859"),
            (("mean", "h"), "1.52443983713711015534952002326"),
            (("zdot", "h", "x1"), "0.703587617140204687084393856887"),
            (("zdot", "h", "x2"), "1.17264602856700781180732309481"),
        ),
        source="hand: E step(y1) y2 and E relu(y1), times r",
    ),
    # catches: drops Z-dot, last y only, drops sigma_W^2, ignores the ratio, covariances, independent
    Case(
        name="step_of_two_y_half_as_wide",
        text="""
width m = 0.5*n
matrix A : m x n ~ N(0, 1.2/n)
vector x1, x2 : m ~ N([0.5, 1], [[1, 0.25], [0.25, 0.75]])
y1 = A.T @ x1
y2 = A.T @ x2
z = step(y1 - 0.5*y2)
h = A @ z
""",
        values=(
            (("second_moment", "h", "h"), "0.981971863420548805845321032094"),
            (("second_moment", "h", "x1"), "0.558519192562005749115924483908"),
            (("second_moment", "h", "x2"), "-0.0797884560802865355879892119869"),
            (("mean", "h"), "0"),
            (("zdot", "h", "x1"), "0.638307648642292284703913695895"),
            (("zdot", "h", "x2"), "-0.319153824321146142351956847948"),
            (("second_moment", "y1", "y2"), "0.45"),
        ),
        source="hand: Stein form at unequal widths",
    ),
    # catches: drops Z-dot, last y only, drops sigma_W^2, ignores the ratio, covariances, independent
    Case(
        name="relu_times_y_half_as_wide",
        text="""
width m = 0.5*n
matrix A : m x n ~ N(0, 1.2/n)
vector x1, x2 ~ N([0.5, 1], [[1, 0.25], [0.25, 0.75]])
y1 = A @ x1
y2 = A @ x2
z = relu(y1)*y2
h = A.T @ z
""",
        values=(
            (("second_moment", "h", "h"), "1.69742537473583279207711141989"),
            (("second_moment", "h", "x1"), "0.439742260712627929427746160555"),
            (("second_moment", "h", "x2"), "0.644955315711854296494027702147"),
            (("mean", "h"), "0.381109959284277538837380005814"),
            (("zdot", "h", "x1"), "0.175896904285051171771098464222"),
            (("zdot", "h", "x2"), "0.293161507141751952951830773703"),
        ),
        source="hand: E step(y1) y2 and E relu(y1), times r",
    ),
    # catches: drops Z-dot, last y only, drops sigma_W^2, covariances, independent
    Case(
        name="two_equal_y",
        text="""
matrix W ~ N(0, 1.2/n)
vector x ~ N(0.5, 1)
xa = x
y = W.T @ x
ya = W.T @ xa
z = relu(y + ya)
h = W @ z
""",
        values=(
            (("second_moment", "y", "ya"), "1.5"),
            (("second_moment", "h", "h"), "5.4"),
            (("second_moment", "h", "x"), "1.5"),
            (("mean", "h"), "0.6"),
            (("hat_covariance", "h", "h"), "3.6"),
        ),
        source="hand: z = 2 relu(y); C is singular",
    ),
    # catches: drops Z-dot, last y only, drops sigma_W^2, covariances, independent
    Case(
        name="dependent_y",
        text="""
matrix W ~ N(0, 1.2/n)
vector x ~ N(0.5, 1)
vector u ~ N(0, 0.5)
xs = x + u
y = W.T @ x
yu = W.T @ u
ys = W.T @ xs
difference = y + yu - ys
z = step(y + yu + 0.5*ys)
h = W @ z
""",
        values=(
            (("second_moment", "h", "h"), "0.790985931710274402922660516047"),
            (("second_moment", "h", "xs"), "0.57812228852811081107787603088"),
            (("second_moment", "h", "x"), "0.412944491805793436484197164914"),
            (("second_moment", "h", "u"), "0.165177796722317374593678865966"),
            (("second_moment", "difference", "difference"), "0"),
        ),
        source="hand: z = step(1.5 ys); C of rank 2 for three y",
    ),
    # catches: drops Z-dot, last y only, drops sigma_W^2, Z for Z-hat, covariances, independent
    Case(
        name="step_of_y_with_z_dot",
        text="""
matrix W ~ N(0, 1.4/n)
vector x ~ N(0.5, 0.5)
y1 = W.T @ x
x1 = W @ y1
y2 = W.T @ x1
z = step(y2)
h = W @ z
""",
        values=(
            (("second_moment", "h", "h"), "1.1010704565915762461375870837"),
            (("second_moment", "h", "x"), "0.365636639571572588926416557533"),
            (("second_moment", "h", "x1"), "1.27972823850050406124245795137"),
            (("mean", "h"), "0.243757759714381725950944371689"),
            (("zdot", "h", "x1"), "0.174112685510272661393531694063"),
            (("zdot", "h", "x"), "0.243757759714381725950944371689"),
        ),
        source="hand: y2 is one Gaussian of variance 5 1.4^3 0.75",
    ),
    # catches: drops Z-dot, last y only, drops sigma_W^2, ignores the ratio, Z for Z-hat, covariances, independent
    Case(
        name="sign_of_y_with_z_dot_twice_as_wide",
        text="""
width m = 2*n
matrix A : m x n ~ N(0, 1.4/n)
vector x : m ~ N(0.5, 0.5)
y1 = A.T @ x
x1 = A @ y1
y2 = A.T @ x1
z = sign(y2)
h = A @ z
""",
        values=(
            (("second_moment", "h", "h"), "2.33177984864709632941055585102"),
            (("second_moment", "h", "x"), "0.522931285633453500545661942498"),
            (("second_moment", "h", "x1"), "2.68438059958506130280106463816"),
            (("mean", "h"), "0.348620857088969000363774628332"),
            (("zdot", "h", "x1"), "0.166009931947128095411321251587"),
            (("zdot", "h", "x"), "0.464827809451958667151699504442"),
        ),
        source="hand: the same at ratio 2",
    ),
    # catches: drops Z-dot, last y only, drops sigma_W^2, Z for Z-hat, covariances, independent
    Case(
        name="step_of_y_with_nonlinear_z_dot",
        text="""
matrix W ~ N(0, 1.4/n)
vector x ~ N(0.5, 0.5)
y1 = W.T @ x
a = relu(y1)
g = W @ a
y2 = W.T @ g
z = step(y2)
h = W @ z
""",
        values=(
            (("second_moment", "z", "z"), "0.581933912490462311924034972841"),
            (("second_moment", "h", "h"), "1.39604038641385497361012762451"),
            (("second_moment", "h", "x"), "0.3028928470683358957944702252"),
            (("second_moment", "h", "g"), "1.00851017248356113332446200979"),
            (("mean", "h"), "0.2019285647122239305296468168"),
            (("zdot", "h", "g"), "0.342165259072376698369977356328"),
            (("zdot", "h", "x"), "0.164341448073784172200309484171"),
            (("zdot", "y2", "a"), "1.4"),
        ),
        source="mpmath: y2 = Z-hat + 1.4 relu(y1)",
        accuracy=1e-09,
    ),
    # catches: drops Z-dot, drops sigma_W^2, covariances
    Case(
        name="phi_of_w_of_sum",
        text="""
matrix W ~ N(0, 1.3/n)
vector y, z ~ N([0.5, -0.25], [[1, 0.3], [0.3, 0.6]])
t = y + z
h = W @ t
p = tanh(h)
k = W.T @ p
""",
        values=(
            (("second_moment", "k", "k"), "1.41683147560282468260208081705"),
            (("second_moment", "k", "y"), "0.766614658580597779073477980347"),
            (("second_moment", "k", "z"), "0.450554229165789922788798462134"),
            (("mean", "k"), "0.134493799750982066504118943921"),
            (("zdot", "k", "t"), "0.537975199003928266016475775682"),
        ),
        source="mpmath",
    ),
    # catches: drops Z-dot, last y only, drops sigma_W^2, covariances, independent
    Case(
        name="phi_of_sum_of_w",
        text="""
matrix W ~ N(0, 1.3/n)
vector y, z ~ N([0.5, -0.25], [[1, 0.3], [0.3, 0.6]])
hy = W @ y
hz = W @ z
p = tanh(hy + hz)
k = W.T @ p
""",
        values=(
            (("second_moment", "k", "k"), "1.41683147560282468260208081705"),
            (("second_moment", "k", "y"), "0.766614658580597779073477980347"),
            (("second_moment", "k", "z"), "0.450554229165789922788798462134"),
            (("mean", "k"), "0.134493799750982066504118943921"),
            (("zdot", "k", "y"), "0.537975199003928266016475775682"),
            (("zdot", "k", "z"), "0.537975199003928266016475775682"),
        ),
        source="mpmath",
    ),
    # catches: drops Z-dot, last y only, drops sigma_W^2, covariances, independent
    Case(
        name="sum_inside_and_outside",
        text="""
matrix W ~ N(0, 1.3/n)
vector y, z ~ N([0.5, -0.25], [[1, 0.3], [0.3, 0.6]])
t = y + z
h = W @ t
hy = W @ y
hz = W @ z
g = hy + hz
gap = h - g
p = tanh(h)
q = tanh(g)
k = W.T @ p
l = W.T @ q
""",
        values=(
            (("second_moment", "h", "g"), "2.94125"),
            (("second_moment", "h", "h"), "2.94125"),
            (("second_moment", "gap", "gap"), "0"),
            (("second_moment", "k", "l"), "1.41683147560282468260208081705"),
            (("second_moment", "k", "k"), "1.41683147560282468260208081705"),
            (("second_moment", "l", "l"), "1.41683147560282468260208081705"),
            (("second_moment", "l", "y"), "0.766614658580597779073477980347"),
        ),
        source="mpmath",
    ),
    # Inputs through an embedding.
    # catches: drops sigma_W^2, independent
    Case(
        name="embedded_erf_relu",
        text="""
input xi = [1.0, -0.5, 0.25]
input xj = [0.5, 0.75, -1.0]
embedding U ~ N(0, 1.5/d)
matrix W ~ N(0, 1.25/n)
h1 = U @ xi
k1 = U @ xj
x1 = erf(h1)
y1 = erf(k1)
h2 = W @ x1
k2 = W @ y1
x2 = relu(h2)
y2 = relu(k2)
""",
        values=(
            (("second_moment", "h1", "k1"), "-0.0625"),
            (("second_moment", "h2", "k2"), "-0.0390199813772360757889460013698"),
            (("second_moment", "x2", "x2"), "0.240144294649132672767755500151"),
            (("second_moment", "y2", "y2"), "0.278639129121641721563168480764"),
            (("second_moment", "x2", "y2"), "0.0728186381231231964448254247371"),
        ),
        source="hand: arcsine, then arc-cosine",
    ),
    # catches: drops sigma_W^2, covariances, independent
    Case(
        name="embedded_relu_with_biases",
        text="""
input xi = [1.0, -0.5, 0.25]
input xj = [0.5, 0.75, -1.0]
embedding U ~ N(0, 1.5/d)
matrix W2 ~ N(0, 2/n)
matrix W3 ~ N(0, 2/n)
vector b1 ~ N(0, 0.1)
vector b2 ~ N(0, 0.1)
vector b3 ~ N(0, 0.1)
h1 = U @ xi
k1 = U @ xj
x1 = relu(h1 + b1)
y1 = relu(k1 + b1)
h2 = W2 @ x1
k2 = W2 @ y1
x2 = relu(h2 + b2)
y2 = relu(k2 + b2)
h3 = W3 @ x2
k3 = W3 @ y2
g3 = h3 + b3
e3 = k3 + b3
x3 = relu(g3)
y3 = relu(e3)
""",
        values=(
            (("second_moment", "g3", "e3"), "0.634244940393087642124251744965"),
            (("second_moment", "x3", "x3"), "0.478125"),
            (("second_moment", "x3", "y3"), "0.360273791492606959312297161625"),
        ),
        source="hand: arc-cosine recursion",
    ),
    # catches: drops sigma_W^2, independent
    Case(
        name="embedded_tanh_tanh",
        text="""
input xi = [1.0, -0.5, 0.25]
input xj = [0.5, 0.75, -1.0]
embedding U ~ N(0, 1.5/d)
matrix W ~ N(0, 1.25/n)
h1 = U @ xi
k1 = U @ xj
x1 = tanh(h1)
y1 = tanh(k1)
h2 = W @ x1
k2 = W @ y1
x2 = tanh(h2)
y2 = tanh(k2)
""",
        values=(
            (("second_moment", "h2", "k2"), "-0.0331701811910081438631514080063"),
            (("second_moment", "x2", "x2"), "0.238293642554087371467145755842"),
            (("second_moment", "x2", "y2"), "-0.0186010614808866866967636739091"),
            (("mean", "x2"), "0"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    # catches: drops sigma_W^2, covariances, independent
    Case(
        name="recurrent_relu_with_repeated_input",
        text="""
input xi = [1.0, -0.5, 0.25]
input xj = [0.5, 0.75, -1.0]
embedding U ~ N(0, 1.5/d)
matrix W ~ N(0, 1.25/n)
u1 = U @ xi
x1 = relu(u1)
w2 = W @ x1
u2 = U @ xj
h2 = w2 + u2
x2 = relu(h2)
w3 = W @ x2
u3 = U @ xi
h3 = w3 + u3
x3 = relu(h3)
""",
        values=(
            (("second_moment", "h2", "h3"), "0.103296692614714609992368084116"),
            (("second_moment", "x3", "x3"), "0.739501953125"),
            (("second_moment", "x2", "x3"), "0.248508029005667404871702001725"),
            (("second_moment", "x1", "x3"), "0.357149293107096939364875456652"),
            (("second_moment", "u3", "u1"), "0.65625"),
        ),
        source="hand: arc-cosine recursion",
    ),
    # E Z != 0 before a product: raw second moments, not covariances.
    # catches: drops sigma_W^2, covariances
    Case(
        name="mean_before_product",
        text="""
matrix W ~ N(0, 1.4/n)
matrix W2 ~ N(0, 1.4/n)
vector x ~ N(1.5, 0.5)
h = W @ x
r = relu(h)
h2 = W2 @ r
x3 = erf(h2)
""",
        values=(
            (("second_moment", "h", "h"), "3.85"),
            (("mean", "h"), "0"),
            (("second_moment", "r", "r"), "1.925"),
            (("mean", "r"), "0.782781279096400620294413945349"),
            (("second_moment", "h2", "h2"), "2.695"),
            (("second_moment", "x3", "x3"), "0.639024021690095226919134622881"),
        ),
        source="hand: Var h = 1.4 (1.5^2 + 0.5)",
    ),
    # catches: drops sigma_W^2, covariances, independent
    Case(
        name="sigmoid_before_product",
        text="""
matrix W ~ N(0, 1.4/n)
vector u, v ~ N([0, 0], [[1, -0.5], [-0.5, 1.5]])
a = sigmoid(u)
b = sigmoid(v)
h = W @ a
g = W @ b
p = step(h)
q = step(g)
""",
        values=(
            (("second_moment", "h", "g"), "0.322028936989494098331975072683"),
            (("second_moment", "p", "p"), "0.5"),
            (("second_moment", "p", "q"), "0.388915703437629646902986786728"),
            (("second_moment", "h", "h"), "0.410730650201330147832708839795"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    # catches: drops sigma_W^2, covariances
    Case(
        name="constant_plus_noise",
        text="""
matrix W ~ N(0, 1.4/n)
vector u ~ N(0, 1)
vector two ~ N(2, 0)
x = 0.5*u + 0.5*two
h = W @ x
z = cos(h)
w1 = W @ two
""",
        values=(
            (("second_moment", "h", "h"), "1.75"),
            (("mean", "x"), "1.0"),
            (("second_moment", "z", "z"), "0.515098691711159250369893146182"),
            (("mean", "z"), "0.416862019678508402585297182336"),
            (("second_moment", "h", "two"), "0"),
            (("second_moment", "w1", "w1"), "5.6"),
        ),
        source="hand: E x^2 = 1.25",
    ),
    # Moments: normalizations, scalars of scalars, attention.
    # catches: drops sigma_W^2, covariances
    Case(
        name="layer_norm",
        text="""
matrix W ~ N(0, 1.25/n)
vector x ~ N(0.5, 0.75)
vector b ~ N(0.75, 0.5)
scalar eps = 0.25
h = W @ x
g = h + b
nu = mean(g)
var = mean((g - nu)**2)
y = (g - nu)/sqrt(var + eps)
r = relu(y)
t = tanh(y)
k = W @ y
""",
        values=(
            (("scalar", "nu"), "0.75"),
            (("scalar", "var"), "1.75"),
            (("second_moment", "y", "y"), "0.875"),
            (("mean", "y"), "0"),
            (("second_moment", "y", "g"), "1.23743686707645816770147763368"),
            (("second_moment", "r", "r"), "0.4375"),
            (("second_moment", "t", "t"), "0.370133478710148882571202651849"),
            (("second_moment", "k", "k"), "1.09375"),
            (("second_moment", "k", "h"), "0"),
        ),
        source="hand: y ~ N(0, 1.75/2); tanh by mpmath",
    ),
    # catches: drops sigma_W^2, covariances
    Case(
        name="layer_norm_of_relu",
        text="""
matrix W ~ N(0, 1.25/n)
matrix W2 ~ N(0, 1.25/n)
vector x ~ N(0.5, 0.75)
vector b ~ N(0.75, 0.5)
h = W @ x
g = h + b
a = relu(g)
nu = mean(a)
var = mean((a - nu)**2)
y = (a - nu)/sqrt(var)
k = W2 @ y
q = relu(k)
""",
        values=(
            (("scalar", "nu"), "0.985367253709494494840186152863"),
            (("scalar", "var"), "1.01867022604822735048913460343"),
            (("second_moment", "y", "y"), "1.0"),
            (("second_moment", "y", "a"), "1.00929194292247639565429717009"),
            (("second_moment", "k", "k"), "1.25"),
            (("second_moment", "q", "q"), "0.625"),
        ),
        source="hand: truncated moments",
    ),
    # catches: drops sigma_W^2, covariances
    Case(
        name="rms_norm",
        text="""
matrix W ~ N(0, 1.25/n)
vector x ~ N(0.5, 0.75)
vector b ~ N(0.75, 0.5)
scalar eps = 0.25
h = W @ x
g = h + b
ms = mean(g**2)
y = g/sqrt(ms + eps)
r = relu(y)
k = W @ y
""",
        values=(
            (("scalar", "ms"), "2.3125"),
            (("second_moment", "y", "y"), "0.902439024390243902439024390244"),
            (("mean", "y"), "0.468521285665818196572308610338"),
            (("second_moment", "r", "r"), "0.776436624675597519137994477481"),
            (("second_moment", "k", "k"), "1.1280487804878048780487804878"),
        ),
        source="hand: E g^2 = 2.3125",
    ),
    # catches: drops sigma_W^2, covariances
    Case(
        name="scalar_of_scalar",
        text="""
matrix W ~ N(0, 1.25/n)
vector x ~ N(0.5, 0.75)
scalar eps = n**-1 -> 0
h = W @ x
q = mean(h*h)
k = exp(-q)/(1 + exp(-q))
l = sqrt(k + q)
z = k*h + relu(l*h)
t = mean(z*z)
w = 2*k + eps*t
""",
        values=(
            (("scalar", "q"), "1.25"),
            (("scalar", "k"), "0.222700138825308853000480452338"),
            (("scalar", "l"), "1.21354857291552564084855321856"),
            (("second_moment", "z", "z"), "1.32025357113126158178228246785"),
            (("mean", "z"), "0.541280318765342223671433863314"),
            (("scalar", "t"), "1.32025357113126158178228246785"),
            (("scalar", "w"), "0.445400277650617706000960904677"),
        ),
        source="hand",
    ),
    # catches: drops sigma_W^2, covariances, independent
    Case(
        name="moment_of_correlated_factors",
        text="""
matrix W ~ N(0, 1.25/n)
vector x1, x2 ~ N([0.5, 1], [[1, 0.25], [0.25, 0.75]])
h1 = W @ x1
h2 = W @ x2
q = mean(relu(h1)*h2)
p = mean(relu(h1)*relu(h2))
r = mean(x1*x2)
z = relu(q*h1 + p*h2)
w = p/q
""",
        values=(
            (("scalar", "q"), "0.46875"),
            (("scalar", "p"), "0.567329319602131666536242358154"),
            (("scalar", "r"), "0.75"),
            (("second_moment", "z", "z"), "0.773013190944143580970609368971"),
            (("second_moment", "z", "h1"), "0.632146556063499218688863605385"),
            (("scalar", "w"), "1.21030254848454755527731703073"),
        ),
        source="hand: arc-cosine",
    ),
    # catches: drops Z-dot, drops sigma_W^2, covariances
    Case(
        name="moment_with_z_dot",
        text="""
matrix W ~ N(0, 1.25/n)
vector x ~ N(0.5, 0.75)
y = W.T @ x
a = relu(y)
h = W @ a
q = mean(x*h)
t = mean(h*h)
adjoint = mean(y*a)
z = q*h
""",
        values=(
            (("scalar", "q"), "0.625"),
            (("scalar", "t"), "1.171875"),
            (("second_moment", "z", "z"), "0.457763671875"),
            (("scalar", "adjoint"), "0.625"),
        ),
        source="hand: E x h = E y relu(y) = 1.25/2",
    ),
    # catches: drops sigma_W^2, covariances, independent
    Case(
        name="attention_tied",
        text="""
matrix W ~ N(0, 1.5/n)
vector x1, x2, x3 ~ N([0.5, -0.5, 0.25], [[1, 0.3, -0.2], [0.3, 0.8, 0.1], [-0.2, 0.1, 0.6]])
k1 = W @ x1
k2 = W @ x2
k3 = W @ x3
q11 = mean(k1*k1)
q12 = mean(k1*k2)
q13 = mean(k1*k3)
q21 = mean(k2*k1)
q22 = mean(k2*k2)
q23 = mean(k2*k3)
a11 = exp(q11)/(exp(q11) + exp(q12) + exp(q13))
a12 = exp(q12)/(exp(q11) + exp(q12) + exp(q13))
a13 = exp(q13)/(exp(q11) + exp(q12) + exp(q13))
a21 = exp(q21)/(exp(q21) + exp(q22) + exp(q23))
a22 = exp(q22)/(exp(q21) + exp(q22) + exp(q23))
a23 = exp(q23)/(exp(q21) + exp(q22) + exp(q23))
o1 = a11*k1 + a12*k2 + a13*k3
o2 = a21*k1 + a22*k2 + a23*k3
r1 = relu(o1)
r2 = relu(o2)
""",
        values=(
            (("scalar", "q12"), "0.075"),
            (("scalar", "a12"), "0.126924869870827956013816883842"),
            (("second_moment", "o1", "o1"), "1.13730420035481095223463289784"),
            (("second_moment", "o1", "o2"), "0.40558609685939390092151014072"),
            (("second_moment", "r1", "r2"), "0.271241218670357318104620082193"),
        ),
        source="hand: scores are 1.5 E x_i x_j",
    ),
    # catches: drops sigma_W^2, covariances, independent
    Case(
        name="attention_shared_query_key",
        text="""
matrix W ~ N(0, 1.5/n)
matrix V ~ N(0, 0.8/n)
vector x1, x2, x3 ~ N([0.5, -0.5, 0.25], [[1, 0.3, -0.2], [0.3, 0.8, 0.1], [-0.2, 0.1, 0.6]])
k1 = W @ x1
k2 = W @ x2
k3 = W @ x3
v1 = V @ x1
v2 = V @ x2
v3 = V @ x3
q11 = mean(k1*k1)
q12 = mean(k1*k2)
q13 = mean(k1*k3)
q21 = mean(k2*k1)
q22 = mean(k2*k2)
q23 = mean(k2*k3)
a11 = exp(q11)/(exp(q11) + exp(q12) + exp(q13))
a12 = exp(q12)/(exp(q11) + exp(q12) + exp(q13))
a13 = exp(q13)/(exp(q11) + exp(q12) + exp(q13))
a21 = exp(q21)/(exp(q21) + exp(q22) + exp(q23))
a22 = exp(q22)/(exp(q21) + exp(q22) + exp(q23))
a23 = exp(q23)/(exp(q21) + exp(q22) + exp(q23))
o1 = a11*v1 + a12*v2 + a13*v3
o2 = a21*v1 + a22*v2 + a23*v3
r1 = relu(o1)
r2 = relu(o2)
""",
        values=(
            (("scalar", "q12"), "0.075"),
            (("second_moment", "o1", "o1"), "0.60656224018923250785847087885"),
            (("second_moment", "o1", "o2"), "0.216312584991676747158138741717"),
            (("second_moment", "r1", "r2"), "0.144661983290857236322464043836"),
            (("second_moment", "o1", "k1"), "0"),
        ),
        source="hand: scores are 1.5 E x_i x_j",
    ),
    # catches: drops sigma_W^2, covariances, independent
    Case(
        name="attention_separate",
        text="""
matrix Q ~ N(0, 1.5/n)
matrix K ~ N(0, 1.5/n)
matrix V ~ N(0, 0.8/n)
vector x1, x2, x3 ~ N([0.5, -0.5, 0.25], [[1, 0.3, -0.2], [0.3, 0.8, 0.1], [-0.2, 0.1, 0.6]])
q_1 = Q @ x1
q_2 = Q @ x2
q_3 = Q @ x3
k_1 = K @ x1
k_2 = K @ x2
k_3 = K @ x3
v_1 = V @ x1
v_2 = V @ x2
v_3 = V @ x3
q11 = mean(q_1*k_1)
q12 = mean(q_1*k_2)
q13 = mean(q_1*k_3)
q21 = mean(q_2*k_1)
q22 = mean(q_2*k_2)
q23 = mean(q_2*k_3)
a11 = exp(q11)/(exp(q11) + exp(q12) + exp(q13))
a12 = exp(q12)/(exp(q11) + exp(q12) + exp(q13))
a13 = exp(q13)/(exp(q11) + exp(q12) + exp(q13))
a21 = exp(q21)/(exp(q21) + exp(q22) + exp(q23))
a22 = exp(q22)/(exp(q21) + exp(q22) + exp(q23))
a23 = exp(q23)/(exp(q21) + exp(q22) + exp(q23))
o1 = a11*v_1 + a12*v_2 + a13*v_3
o2 = a21*v_1 + a22*v_2 + a23*v_3
r1 = relu(o1)
r2 = relu(o2)
""",
        values=(
            (("scalar", "q12"), "0"),
            (("scalar", "a12"), "0.333333333333333333333333333333"),
            (("second_moment", "o1", "o1"), "0.254444444444444444444444444444"),
            (("second_moment", "o1", "o2"), "0.254444444444444444444444444444"),
            (("second_moment", "r1", "r1"), "0.127222222222222222222222222222"),
        ),
        source="hand: scores tend to 0, weights to 1/3",
    ),
    # Batch norm over 3 and 4 samples.
    # catches: drops sigma_W^2, covariances
    Case(
        name="batch_norm_three_independent_eps_0_relu",
        text="""
matrix W ~ N(0, 1.5/n)
vector x1 ~ N(0, 1)
vector x2 ~ N(0, 1)
vector x3 ~ N(0, 1)
function centre(p, q, r) = p - (p + q + r)/3
function spread(p, q, r) = (centre(p, q, r)**2 + centre(q, r, p)**2 + centre(r, p, q)**2)/3
function norm(p, q, r) = centre(p, q, r)/sqrt(spread(p, q, r))
h1 = W @ x1
h2 = W @ x2
h3 = W @ x3
z1 = norm(h1, h2, h3)
r1 = relu(z1)
z2 = norm(h2, h3, h1)
r2 = relu(z2)
k = W @ r1
""",
        values=(
            (("second_moment", "r1", "r1"), "0.5"),
            (("second_moment", "r1", "r2"), "0.0544988905221146790444982912449"),
            (("second_moment", "k", "k"), "0.75"),
        ),
        source="mpmath",
        accuracy=1e-08,
    ),
    Case(
        name="batch_norm_three_independent_eps_0_tanh",
        text="""
matrix W ~ N(0, 1.5/n)
vector x1 ~ N(0, 1)
vector x2 ~ N(0, 1)
vector x3 ~ N(0, 1)
function centre(p, q, r) = p - (p + q + r)/3
function spread(p, q, r) = (centre(p, q, r)**2 + centre(q, r, p)**2 + centre(r, p, q)**2)/3
function norm(p, q, r) = centre(p, q, r)/sqrt(spread(p, q, r))
h1 = W @ x1
h2 = W @ x2
h3 = W @ x3
z1 = norm(h1, h2, h3)
t1 = tanh(z1)
z2 = norm(h2, h3, h1)
t2 = tanh(z2)
""",
        values=(
            (("second_moment", "t1", "t1"), "0.49101214296074759279544740176"),
            (("second_moment", "t1", "t2"), "-0.236411352860694450732602114983"),
        ),
        source="mpmath",
        accuracy=1e-08,
    ),
    # catches: drops sigma_W^2, covariances
    Case(
        name="batch_norm_three_independent_eps_0_1_relu",
        text="""
matrix W ~ N(0, 1.5/n)
vector x1 ~ N(0, 1)
vector x2 ~ N(0, 1)
vector x3 ~ N(0, 1)
function centre(p, q, r) = p - (p + q + r)/3
function spread(p, q, r) = (centre(p, q, r)**2 + centre(q, r, p)**2 + centre(r, p, q)**2)/3
function norm(p, q, r) = centre(p, q, r)/sqrt(spread(p, q, r) + 0.1)
h1 = W @ x1
h2 = W @ x2
h3 = W @ x3
z1 = norm(h1, h2, h3)
r1 = relu(z1)
z2 = norm(h2, h3, h1)
r2 = relu(z2)
k = W @ r1
""",
        values=(
            (("second_moment", "r1", "r1"), "0.399267872764577416044997092321"),
            (("second_moment", "r1", "r2"), "0.0435193121735886354695548996415"),
            (("second_moment", "k", "k"), "0.598901809146866124067495638482"),
        ),
        source="mpmath",
        accuracy=1e-08,
    ),
    # catches: drops sigma_W^2
    Case(
        name="batch_norm_three_independent_eps_0_1_tanh",
        text="""
matrix W ~ N(0, 1.5/n)
vector x1 ~ N(0, 1)
vector x2 ~ N(0, 1)
vector x3 ~ N(0, 1)
function centre(p, q, r) = p - (p + q + r)/3
function spread(p, q, r) = (centre(p, q, r)**2 + centre(q, r, p)**2 + centre(r, p, q)**2)/3
function norm(p, q, r) = centre(p, q, r)/sqrt(spread(p, q, r) + 0.1)
h1 = W @ x1
h2 = W @ x2
h3 = W @ x3
z1 = norm(h1, h2, h3)
t1 = tanh(z1)
z2 = norm(h2, h3, h1)
t2 = tanh(z2)
""",
        values=(
            (("second_moment", "t1", "t1"), "0.4288137231974"),
            (("second_moment", "t1", "t2"), "-0.2081725222926"),
        ),
        source="mpmath",
        accuracy=1e-08,
    ),
    # catches: drops sigma_W^2, covariances, independent
    Case(
        name="batch_norm_three_correlated_eps_0_relu",
        text="""
matrix W ~ N(0, 1.5/n)
vector x1, x2, x3 ~ N([0.5, -0.25, 1], [[1, 0.3, -0.2], [0.3, 0.8, 0.1], [-0.2, 0.1, 0.6]])
function centre(p, q, r) = p - (p + q + r)/3
function spread(p, q, r) = (centre(p, q, r)**2 + centre(q, r, p)**2 + centre(r, p, q)**2)/3
function norm(p, q, r) = centre(p, q, r)/sqrt(spread(p, q, r))
h1 = W @ x1
h2 = W @ x2
h3 = W @ x3
z1 = norm(h1, h2, h3)
r1 = relu(z1)
z2 = norm(h2, h3, h1)
r2 = relu(z2)
z3 = norm(h3, h1, h2)
r3 = relu(z3)
k = W @ r1
""",
        values=(
            (("second_moment", "r1", "r1"), "0.443244965758259192798111576967"),
            (("second_moment", "r1", "r2"), "0.0659600660979347929037266183323"),
            (("second_moment", "k", "k"), "0.664867448637388789197167365451"),
            (("second_moment", "r2", "r3"), "0.0440100956596641978694258771776"),
        ),
        source="mpmath",
        accuracy=1e-08,
    ),
    # catches: covariances, independent
    Case(
        name="batch_norm_three_correlated_eps_0_tanh",
        text="""
matrix W ~ N(0, 1.5/n)
vector x1, x2, x3 ~ N([0.5, -0.25, 1], [[1, 0.3, -0.2], [0.3, 0.8, 0.1], [-0.2, 0.1, 0.6]])
function centre(p, q, r) = p - (p + q + r)/3
function spread(p, q, r) = (centre(p, q, r)**2 + centre(q, r, p)**2 + centre(r, p, q)**2)/3
function norm(p, q, r) = centre(p, q, r)/sqrt(spread(p, q, r))
h1 = W @ x1
h2 = W @ x2
h3 = W @ x3
z1 = norm(h1, h2, h3)
t1 = tanh(z1)
z2 = norm(h2, h3, h1)
t2 = tanh(z2)
z3 = norm(h3, h1, h2)
t3 = tanh(z3)
""",
        values=(
            (("second_moment", "t1", "t1"), "0.447668064838020457799013625917"),
            (("second_moment", "t1", "t2"), "-0.175583839409449546317359777861"),
            (("second_moment", "t2", "t3"), "-0.297074247970772346905174100205"),
        ),
        source="mpmath",
        accuracy=1e-08,
    ),
    # catches: drops sigma_W^2, covariances, independent
    Case(
        name="batch_norm_three_correlated_eps_0_1_relu",
        text="""
matrix W ~ N(0, 1.5/n)
vector x1, x2, x3 ~ N([0.5, -0.25, 1], [[1, 0.3, -0.2], [0.3, 0.8, 0.1], [-0.2, 0.1, 0.6]])
function centre(p, q, r) = p - (p + q + r)/3
function spread(p, q, r) = (centre(p, q, r)**2 + centre(q, r, p)**2 + centre(r, p, q)**2)/3
function norm(p, q, r) = centre(p, q, r)/sqrt(spread(p, q, r) + 0.1)
h1 = W @ x1
h2 = W @ x2
h3 = W @ x3
z1 = norm(h1, h2, h3)
r1 = relu(z1)
z2 = norm(h2, h3, h1)
r2 = relu(z2)
z3 = norm(h3, h1, h2)
r3 = relu(z3)
k = W @ r1
""",
        values=(
            (("second_moment", "r1", "r1"), "0.352478636640936104728578503334"),
            (("second_moment", "r1", "r2"), "0.054778564352543937942749410516"),
            (("second_moment", "k", "k"), "0.528717954961404157092867755001"),
            (("second_moment", "r2", "r3"), "0.0344541619255701687914754675167"),
        ),
        source="mpmath",
        accuracy=1e-08,
    ),
    # catches: drops sigma_W^2, covariances, independent
    Case(
        name="batch_norm_three_correlated_eps_0_1_tanh",
        text="""
matrix W ~ N(0, 1.5/n)
vector x1, x2, x3 ~ N([0.5, -0.25, 1], [[1, 0.3, -0.2], [0.3, 0.8, 0.1], [-0.2, 0.1, 0.6]])
function centre(p, q, r) = p - (p + q + r)/3
function spread(p, q, r) = (centre(p, q, r)**2 + centre(q, r, p)**2 + centre(r, p, q)**2)/3
function norm(p, q, r) = centre(p, q, r)/sqrt(spread(p, q, r) + 0.1)
h1 = W @ x1
h2 = W @ x2
h3 = W @ x3
z1 = norm(h1, h2, h3)
t1 = tanh(z1)
z2 = norm(h2, h3, h1)
t2 = tanh(z2)
z3 = norm(h3, h1, h2)
t3 = tanh(z3)
""",
        values=(
            (("second_moment", "t1", "t1"), "0.3903382369251"),
            (("second_moment", "t1", "t2"), "-0.151714052183"),
            (("second_moment", "t2", "t3"), "-0.2680323452305"),
        ),
        source="mpmath",
        accuracy=1e-08,
    ),
    # catches: drops sigma_W^2, covariances
    Case(
        name="batch_norm_four_independent_eps_0_relu",
        text="""
matrix W ~ N(0, 1.25/n)
vector x1 ~ N(0, 1)
vector x2 ~ N(0, 1)
vector x3 ~ N(0, 1)
vector x4 ~ N(0, 1)
function centre(p, q, r, t) = p - (p + q + r + t)/4
function spread(p, q, r, t) = (centre(p, q, r, t)**2 + centre(q, r, t, p)**2 + centre(r, t, p, q)**2 + centre(t, p, q, r)**2)/4
function norm(p, q, r, t) = centre(p, q, r, t)/sqrt(spread(p, q, r, t))
h1 = W @ x1
h2 = W @ x2
h3 = W @ x3
h4 = W @ x4
z1 = norm(h1, h2, h3, h4)
r1 = relu(z1)
z2 = norm(h2, h3, h4, h1)
r2 = relu(z2)
k = W @ r1
""",
        values=(
            (("second_moment", "r1", "r1"), "0.5"),
            (("second_moment", "r1", "r2"), "0.0847482940210831332307239386307"),
            (("second_moment", "k", "k"), "0.625"),
        ),
        source="mpmath",
        accuracy=1e-08,
    ),
    Case(
        name="batch_norm_four_independent_eps_0_tanh",
        text="""
matrix W ~ N(0, 1.25/n)
vector x1 ~ N(0, 1)
vector x2 ~ N(0, 1)
vector x3 ~ N(0, 1)
vector x4 ~ N(0, 1)
function centre(p, q, r, t) = p - (p + q + r + t)/4
function spread(p, q, r, t) = (centre(p, q, r, t)**2 + centre(q, r, t, p)**2 + centre(r, t, p, q)**2 + centre(t, p, q, r)**2)/4
function norm(p, q, r, t) = centre(p, q, r, t)/sqrt(spread(p, q, r, t))
h1 = W @ x1
h2 = W @ x2
h3 = W @ x3
h4 = W @ x4
z1 = norm(h1, h2, h3, h4)
t1 = tanh(z1)
z2 = norm(h2, h3, h4, h1)
t2 = tanh(z2)
""",
        values=(
            (("second_moment", "t1", "t1"), "0.457696151154157871492500253633"),
            (("second_moment", "t1", "t2"), "-0.144744736299106384308973396837"),
        ),
        source="mpmath",
        accuracy=1e-08,
    ),
    # catches: drops sigma_W^2, covariances
    Case(
        name="batch_norm_four_independent_eps_0_1_relu",
        text="""
matrix W ~ N(0, 1.25/n)
vector x1 ~ N(0, 1)
vector x2 ~ N(0, 1)
vector x3 ~ N(0, 1)
vector x4 ~ N(0, 1)
function centre(p, q, r, t) = p - (p + q + r + t)/4
function spread(p, q, r, t) = (centre(p, q, r, t)**2 + centre(q, r, t, p)**2 + centre(r, t, p, q)**2 + centre(t, p, q, r)**2)/4
function norm(p, q, r, t) = centre(p, q, r, t)/sqrt(spread(p, q, r, t) + 0.1)
h1 = W @ x1
h2 = W @ x2
h3 = W @ x3
h4 = W @ x4
z1 = norm(h1, h2, h3, h4)
r1 = relu(z1)
z2 = norm(h2, h3, h4, h1)
r2 = relu(z2)
k = W @ r1
""",
        values=(
            (("second_moment", "r1", "r1"), "0.416092185163909282390869154747"),
            (("second_moment", "r1", "r2"), "0.0705262056962918980589283120742"),
            (("second_moment", "k", "k"), "0.520115231454886602988586443434"),
        ),
        source="mpmath",
        accuracy=1e-08,
    ),
    # catches: drops sigma_W^2
    Case(
        name="batch_norm_four_independent_eps_0_1_tanh",
        text="""
matrix W ~ N(0, 1.25/n)
vector x1 ~ N(0, 1)
vector x2 ~ N(0, 1)
vector x3 ~ N(0, 1)
vector x4 ~ N(0, 1)
function centre(p, q, r, t) = p - (p + q + r + t)/4
function spread(p, q, r, t) = (centre(p, q, r, t)**2 + centre(q, r, t, p)**2 + centre(r, t, p, q)**2 + centre(t, p, q, r)**2)/4
function norm(p, q, r, t) = centre(p, q, r, t)/sqrt(spread(p, q, r, t) + 0.1)
h1 = W @ x1
h2 = W @ x2
h3 = W @ x3
h4 = W @ x4
z1 = norm(h1, h2, h3, h4)
t1 = tanh(z1)
z2 = norm(h2, h3, h4, h1)
t2 = tanh(z2)
""",
        values=(
            (("second_moment", "t1", "t1"), "0.4146083392433"),
            (("second_moment", "t1", "t2"), "-0.1323907056031"),
        ),
        source="mpmath",
        accuracy=1e-08,
    ),
    # catches: drops sigma_W^2, covariances, independent
    Case(
        name="batch_norm_four_correlated_eps_0_relu",
        text="""
matrix W ~ N(0, 1.25/n)
vector x1, x2, x3, x4 ~ N([0.5, 0, -0.5, 0.25], [[1, 0.3, -0.2, 0.1], [0.3, 0.8, 0.1, 0], [-0.2, 0.1, 0.6, 0.2], [0.1, 0, 0.2, 1.2]])
function centre(p, q, r, t) = p - (p + q + r + t)/4
function spread(p, q, r, t) = (centre(p, q, r, t)**2 + centre(q, r, t, p)**2 + centre(r, t, p, q)**2 + centre(t, p, q, r)**2)/4
function norm(p, q, r, t) = centre(p, q, r, t)/sqrt(spread(p, q, r, t))
h1 = W @ x1
h2 = W @ x2
h3 = W @ x3
h4 = W @ x4
z1 = norm(h1, h2, h3, h4)
r1 = relu(z1)
z2 = norm(h2, h3, h4, h1)
r2 = relu(z2)
z3 = norm(h3, h4, h1, h2)
r3 = relu(z3)
k = W @ r1
""",
        values=(
            (("second_moment", "r1", "r1"), "0.548379194233590315939056461367"),
            (("second_moment", "r1", "r2"), "0.113732965373466084464441254789"),
            (("second_moment", "k", "k"), "0.685473992791987894923820576709"),
            (("second_moment", "r2", "r3"), "0.110796695560532444856356864193"),
        ),
        source="mpmath",
        accuracy=1e-08,
    ),
    # catches: covariances, independent
    Case(
        name="batch_norm_four_correlated_eps_0_tanh",
        text="""
matrix W ~ N(0, 1.25/n)
vector x1, x2, x3, x4 ~ N([0.5, 0, -0.5, 0.25], [[1, 0.3, -0.2, 0.1], [0.3, 0.8, 0.1, 0], [-0.2, 0.1, 0.6, 0.2], [0.1, 0, 0.2, 1.2]])
function centre(p, q, r, t) = p - (p + q + r + t)/4
function spread(p, q, r, t) = (centre(p, q, r, t)**2 + centre(q, r, t, p)**2 + centre(r, t, p, q)**2 + centre(t, p, q, r)**2)/4
function norm(p, q, r, t) = centre(p, q, r, t)/sqrt(spread(p, q, r, t))
h1 = W @ x1
h2 = W @ x2
h3 = W @ x3
h4 = W @ x4
z1 = norm(h1, h2, h3, h4)
t1 = tanh(z1)
z2 = norm(h2, h3, h4, h1)
t2 = tanh(z2)
z3 = norm(h3, h4, h1, h2)
t3 = tanh(z3)
""",
        values=(
            (("second_moment", "t1", "t1"), "0.49457872736319887165620940762"),
            (("second_moment", "t1", "t2"), "-0.0482384523756762722710937277353"),
            (("second_moment", "t2", "t3"), "-0.0530570887814873693631277217621"),
        ),
        source="mpmath",
        accuracy=1e-08,
    ),
    # catches: drops sigma_W^2, covariances, independent
    Case(
        name="batch_norm_four_correlated_eps_0_1_relu",
        text="""
matrix W ~ N(0, 1.25/n)
vector x1, x2, x3, x4 ~ N([0.5, 0, -0.5, 0.25], [[1, 0.3, -0.2, 0.1], [0.3, 0.8, 0.1, 0], [-0.2, 0.1, 0.6, 0.2], [0.1, 0, 0.2, 1.2]])
function centre(p, q, r, t) = p - (p + q + r + t)/4
function spread(p, q, r, t) = (centre(p, q, r, t)**2 + centre(q, r, t, p)**2 + centre(r, t, p, q)**2 + centre(t, p, q, r)**2)/4
function norm(p, q, r, t) = centre(p, q, r, t)/sqrt(spread(p, q, r, t) + 0.1)
h1 = W @ x1
h2 = W @ x2
h3 = W @ x3
h4 = W @ x4
z1 = norm(h1, h2, h3, h4)
r1 = relu(z1)
z2 = norm(h2, h3, h4, h1)
r2 = relu(z2)
z3 = norm(h3, h4, h1, h2)
r3 = relu(z3)
k = W @ r1
""",
        values=(
            (("second_moment", "r1", "r1"), "0.455582052465610539937084489704"),
            (("second_moment", "r1", "r2"), "0.0956747548911344043198261140226"),
            (("second_moment", "k", "k"), "0.56947756558201317492135561213"),
            (("second_moment", "r2", "r3"), "0.0929577127209470570550663805465"),
        ),
        source="mpmath",
        accuracy=1e-08,
    ),
    # catches: drops sigma_W^2, covariances, independent
    Case(
        name="batch_norm_four_correlated_eps_0_1_tanh",
        text="""
matrix W ~ N(0, 1.25/n)
vector x1, x2, x3, x4 ~ N([0.5, 0, -0.5, 0.25], [[1, 0.3, -0.2, 0.1], [0.3, 0.8, 0.1, 0], [-0.2, 0.1, 0.6, 0.2], [0.1, 0, 0.2, 1.2]])
function centre(p, q, r, t) = p - (p + q + r + t)/4
function spread(p, q, r, t) = (centre(p, q, r, t)**2 + centre(q, r, t, p)**2 + centre(r, t, p, q)**2 + centre(t, p, q, r)**2)/4
function norm(p, q, r, t) = centre(p, q, r, t)/sqrt(spread(p, q, r, t) + 0.1)
h1 = W @ x1
h2 = W @ x2
h3 = W @ x3
h4 = W @ x4
z1 = norm(h1, h2, h3, h4)
t1 = tanh(z1)
z2 = norm(h2, h3, h4, h1)
t2 = tanh(z2)
z3 = norm(h3, h4, h1, h2)
t3 = tanh(z3)
""",
        values=(
            (("second_moment", "t1", "t1"), "0.4475129016684"),
            (("second_moment", "t1", "t2"), "-0.04062792697902"),
            (("second_moment", "t2", "t3"), "-0.04522960192686"),
        ),
        source="mpmath",
        accuracy=1e-08,
    ),
    # Gated recurrent networks, two steps.
    Case(
        name="gru_two_steps_zero_state",
        text="""
input xi1 = [1.0, -0.5]
input xi2 = [0.25, 0.75]
embedding Uz ~ N(0, 1.5/d)
matrix Wz ~ N(0, 1.2/n)
embedding Ur ~ N(0, 1.5/d)
matrix Wr ~ N(0, 1.2/n)
embedding Uc ~ N(0, 1.5/d)
matrix Wc ~ N(0, 1.2/n)
vector h0 ~ N(0, 0)
wz1 = Wz @ h0
uz1 = Uz @ xi1
z1 = sigmoid(wz1 + uz1)
wr1 = Wr @ h0
ur1 = Ur @ xi1
r1 = sigmoid(wr1 + ur1)
s1 = r1*h0
wc1 = Wc @ s1
uc1 = Uc @ xi1
c1 = tanh(wc1 + uc1)
h1 = (1 - z1)*h0 + z1*c1
wz2 = Wz @ h1
uz2 = Uz @ xi2
z2 = sigmoid(wz2 + uz2)
wr2 = Wr @ h1
ur2 = Ur @ xi2
r2 = sigmoid(wr2 + ur2)
s2 = r2*h1
wc2 = Wc @ s2
uc2 = Uc @ xi2
c2 = tanh(wc2 + uc2)
h2 = (1 - z2)*h1 + z2*c2
""",
        values=(
            (("second_moment", "h1", "h1"), "0.111484378809021531107828305278"),
            (("second_moment", "c1", "c2"), "-0.0419607577245793603418793986038"),
            (("second_moment", "h1", "h2"), "0.0470828666122465743599996398313"),
            (("second_moment", "h2", "h2"), "0.100621906561844033132166587714"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    # catches: drops sigma_W^2, covariances, independent
    Case(
        name="gru_two_steps_nonzero_state",
        text="""
input xi1 = [1.0, -0.5]
input xi2 = [0.25, 0.75]
embedding Uz ~ N(0, 1.5/d)
matrix Wz ~ N(0, 1.2/n)
embedding Ur ~ N(0, 1.5/d)
matrix Wr ~ N(0, 1.2/n)
embedding Uc ~ N(0, 1.5/d)
matrix Wc ~ N(0, 1.2/n)
vector h0 ~ N(0.5, 0.6)
wz1 = Wz @ h0
uz1 = Uz @ xi1
z1 = sigmoid(wz1 + uz1)
wr1 = Wr @ h0
ur1 = Ur @ xi1
r1 = sigmoid(wr1 + ur1)
s1 = r1*h0
wc1 = Wc @ s1
uc1 = Uc @ xi1
c1 = tanh(wc1 + uc1)
h1 = (1 - z1)*h0 + z1*c1
wz2 = Wz @ h1
uz2 = Uz @ xi2
z2 = sigmoid(wz2 + uz2)
wr2 = Wr @ h1
ur2 = Ur @ xi2
r2 = sigmoid(wr2 + ur2)
s2 = r2*h1
wc2 = Wc @ s2
uc2 = Uc @ xi2
c2 = tanh(wc2 + uc2)
h2 = (1 - z2)*h1 + z2*c2
""",
        values=(
            (("second_moment", "h1", "h1"), "0.408586920443481066550927333961"),
            (("second_moment", "c1", "c2"), "0.0163196822544032143104729726733"),
            (("second_moment", "h1", "h2"), "0.215170900407422277060691212176"),
            (("second_moment", "h2", "h2"), "0.219335618224564279371202647374"),
            (("mean", "h1"), "0.25"),
            (("second_moment", "h0", "h1"), "0.425"),
            (("second_moment", "h0", "h2"), "0.225948387056650776472314700523"),
            (("mean", "h2"), "0.13291081591567692733665570619"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    # catches: drops sigma_W^2
    Case(
        name="lstm_two_steps_zero_state",
        text="""
input xi1 = [1.0, -0.5]
input xi2 = [0.25, 0.75]
embedding Ui ~ N(0, 1.5/d)
matrix Wi ~ N(0, 1.2/n)
embedding Uf ~ N(0, 1.5/d)
matrix Wf ~ N(0, 1.2/n)
embedding Uo ~ N(0, 1.5/d)
matrix Wo ~ N(0, 1.2/n)
embedding Ut ~ N(0, 1.5/d)
matrix Wt ~ N(0, 1.2/n)
vector h0 ~ N(0, 0)
vector c0 ~ N(0, 0)
wi1 = Wi @ h0
ui1 = Ui @ xi1
gi1 = wi1 + ui1
i1 = sigmoid(gi1)
wf1 = Wf @ h0
uf1 = Uf @ xi1
gf1 = wf1 + uf1
f1 = sigmoid(gf1)
wo1 = Wo @ h0
uo1 = Uo @ xi1
go1 = wo1 + uo1
o1 = sigmoid(go1)
wt1 = Wt @ h0
ut1 = Ut @ xi1
gt1 = wt1 + ut1
t1 = tanh(gt1)
c1 = f1*c0 + i1*t1
s1 = tanh(c1)
h1 = o1*s1
wi2 = Wi @ h1
ui2 = Ui @ xi2
gi2 = wi2 + ui2
i2 = sigmoid(gi2)
wf2 = Wf @ h1
uf2 = Uf @ xi2
gf2 = wf2 + uf2
f2 = sigmoid(gf2)
wo2 = Wo @ h1
uo2 = Uo @ xi2
go2 = wo2 + uo2
o2 = sigmoid(go2)
wt2 = Wt @ h1
ut2 = Ut @ xi2
gt2 = wt2 + ut2
t2 = tanh(gt2)
c2 = f2*c1 + i2*t2
s2 = tanh(c2)
h2 = o2*s2
""",
        values=(
            (("second_moment", "c1", "c1"), "0.111484378809021531107828305278"),
            (("second_moment", "h1", "h1"), "0.0275470506260272515578186559819"),
            (("second_moment", "h1", "c1"), "0.0512644985230735041538166229534"),
            (("second_moment", "c2", "c2"), "0.0959287723872419350867780249841"),
            (("second_moment", "c1", "c2"), "0.0454163383705871492618128196912"),
            (("second_moment", "go2", "go2"), "0.501806460751232701869382387178"),
        ),
        source="mpmath",
        accuracy=1e-09,
    ),
    Case(
        name="lstm_hidden_zero_state",
        text="""
input xi1 = [1.0, -0.5]
input xi2 = [0.25, 0.75]
embedding Ui ~ N(0, 1.5/d)
matrix Wi ~ N(0, 1.2/n)
embedding Uf ~ N(0, 1.5/d)
matrix Wf ~ N(0, 1.2/n)
embedding Uo ~ N(0, 1.5/d)
matrix Wo ~ N(0, 1.2/n)
embedding Ut ~ N(0, 1.5/d)
matrix Wt ~ N(0, 1.2/n)
vector h0 ~ N(0, 0)
vector c0 ~ N(0, 0)
wi1 = Wi @ h0
ui1 = Ui @ xi1
gi1 = wi1 + ui1
i1 = sigmoid(gi1)
wf1 = Wf @ h0
uf1 = Uf @ xi1
gf1 = wf1 + uf1
f1 = sigmoid(gf1)
wo1 = Wo @ h0
uo1 = Uo @ xi1
go1 = wo1 + uo1
o1 = sigmoid(go1)
wt1 = Wt @ h0
ut1 = Ut @ xi1
gt1 = wt1 + ut1
t1 = tanh(gt1)
c1 = f1*c0 + i1*t1
s1 = tanh(c1)
h1 = o1*s1
wi2 = Wi @ h1
ui2 = Ui @ xi2
gi2 = wi2 + ui2
i2 = sigmoid(gi2)
wf2 = Wf @ h1
uf2 = Uf @ xi2
gf2 = wf2 + uf2
f2 = sigmoid(gf2)
wo2 = Wo @ h1
uo2 = Uo @ xi2
go2 = wo2 + uo2
o2 = sigmoid(go2)
wt2 = Wt @ h1
ut2 = Ut @ xi2
gt2 = wt2 + ut2
t2 = tanh(gt2)
c2 = f2*c1 + i2*t2
s2 = tanh(c2)
h2 = o2*s2
""",
        values=((("second_moment", "h2", "h2"), "0.02261174622"),),
        source="mpmath",
        accuracy=1e-06,
        sampled=True,
    ),
    # catches: drops sigma_W^2, covariances, independent
    Case(
        name="lstm_two_steps_nonzero_state",
        text="""
input xi1 = [1.0, -0.5]
input xi2 = [0.25, 0.75]
embedding Ui ~ N(0, 1.5/d)
matrix Wi ~ N(0, 1.2/n)
embedding Uf ~ N(0, 1.5/d)
matrix Wf ~ N(0, 1.2/n)
embedding Uo ~ N(0, 1.5/d)
matrix Wo ~ N(0, 1.2/n)
embedding Ut ~ N(0, 1.5/d)
matrix Wt ~ N(0, 1.2/n)
vector h0 ~ N(0.25, 0.5)
vector c0 ~ N(-0.5, 0.75)
wi1 = Wi @ h0
ui1 = Ui @ xi1
gi1 = wi1 + ui1
i1 = sigmoid(gi1)
wf1 = Wf @ h0
uf1 = Uf @ xi1
gf1 = wf1 + uf1
f1 = sigmoid(gf1)
wo1 = Wo @ h0
uo1 = Uo @ xi1
go1 = wo1 + uo1
o1 = sigmoid(go1)
wt1 = Wt @ h0
ut1 = Ut @ xi1
gt1 = wt1 + ut1
t1 = tanh(gt1)
c1 = f1*c0 + i1*t1
s1 = tanh(c1)
h1 = o1*s1
wi2 = Wi @ h1
ui2 = Ui @ xi2
gi2 = wi2 + ui2
i2 = sigmoid(gi2)
wf2 = Wf @ h1
uf2 = Uf @ xi2
gf2 = wf2 + uf2
f2 = sigmoid(gf2)
wo2 = Wo @ h1
uo2 = Uo @ xi2
go2 = wo2 + uo2
o2 = sigmoid(go2)
wt2 = Wt @ h1
ut2 = Ut @ xi2
gt2 = wt2 + ut2
t2 = tanh(gt2)
c2 = f2*c1 + i2*t2
s2 = tanh(c2)
h2 = o2*s2
""",
        values=(
            (("second_moment", "c1", "c1"), "0.45916282166"),
            (("second_moment", "h1", "h1"), "0.076437207754"),
            (("second_moment", "h0", "h1"), "-0.022910580724"),
            (("second_moment", "c2", "c2"), "0.19285280275"),
            (("second_moment", "c1", "c2"), "0.21355818026"),
            (("mean", "c2"), "-0.12244007948"),
        ),
        source="mpmath",
        accuracy=1e-08,
        bound=3e-7,
    ),
    # catches: drops sigma_W^2, independent
    Case(
        name="lstm_hidden_nonzero_state",
        text="""
input xi1 = [1.0, -0.5]
input xi2 = [0.25, 0.75]
embedding Ui ~ N(0, 1.5/d)
matrix Wi ~ N(0, 1.2/n)
embedding Uf ~ N(0, 1.5/d)
matrix Wf ~ N(0, 1.2/n)
embedding Uo ~ N(0, 1.5/d)
matrix Wo ~ N(0, 1.2/n)
embedding Ut ~ N(0, 1.5/d)
matrix Wt ~ N(0, 1.2/n)
vector h0 ~ N(0.25, 0.5)
vector c0 ~ N(-0.5, 0.75)
wi1 = Wi @ h0
ui1 = Ui @ xi1
gi1 = wi1 + ui1
i1 = sigmoid(gi1)
wf1 = Wf @ h0
uf1 = Uf @ xi1
gf1 = wf1 + uf1
f1 = sigmoid(gf1)
wo1 = Wo @ h0
uo1 = Uo @ xi1
go1 = wo1 + uo1
o1 = sigmoid(go1)
wt1 = Wt @ h0
ut1 = Ut @ xi1
gt1 = wt1 + ut1
t1 = tanh(gt1)
c1 = f1*c0 + i1*t1
s1 = tanh(c1)
h1 = o1*s1
wi2 = Wi @ h1
ui2 = Ui @ xi2
gi2 = wi2 + ui2
i2 = sigmoid(gi2)
wf2 = Wf @ h1
uf2 = Uf @ xi2
gf2 = wf2 + uf2
f2 = sigmoid(gf2)
wo2 = Wo @ h1
uo2 = Uo @ xi2
go2 = wo2 + uo2
o2 = sigmoid(go2)
wt2 = Wt @ h1
ut2 = Ut @ xi2
gt2 = wt2 + ut2
t2 = tanh(gt2)
c2 = f2*c1 + i2*t2
s2 = tanh(c2)
h2 = o2*s2
""",
        values=((("second_moment", "h2", "h2"), "0.03854197849"),),
        source="mpmath",
        accuracy=1e-06,
        sampled=True,
    ),
    # Backward passes.
    # catches: drops sigma_W^2, covariances
    Case(
        name="backward_mlp",
        text="""
matrix W ~ N(0, 1.5/n)
matrix W3 ~ N(0, 0.8/n)
vector h1 ~ N(0.25, 0.8)
vector v ~ N(0, 0.75)
function derf(z) = 2/sqrt(pi)*exp(-z**2)
x1 = tanh(h1)
h2 = W @ x1
x2 = relu(h2)
h3 = W3 @ x2
x3 = erf(h3)
dh3 = v*derf(h3)
dx2 = W3.T @ dh3
dh2 = dx2*step(h2)
dx1 = W.T @ dh2
dh1 = dx1*(1 - tanh(h1)**2)
""",
        values=(
            (("second_moment", "dh3", "dh3"), "0.695930023240197690515527515042"),
            (("second_moment", "dx2", "dx2"), "0.556744018592158152412422012034"),
            (("second_moment", "dh2", "dh2"), "0.278372009296079076206211006017"),
            (("second_moment", "dx1", "dx1"), "0.417558013944118614309316509025"),
            (("second_moment", "dx1", "x1"), "0"),
            (("second_moment", "dh1", "dh1"), "0.204889347498726597551658565491"),
            (("zdot", "dx1", "x1"), "0"),
            (("zdot", "dx2", "x2"), "0"),
        ),
        source="hand: every Z-dot is 0; tanh by mpmath",
    ),
    # catches: drops Z-dot, drops sigma_W^2, covariances
    Case(
        name="backward_square_with_mean_readout",
        text="""
matrix W ~ N(0, 1.5/n)
vector h1 ~ N(0, 0.8)
vector v ~ N(0.5, 0.75)
x1 = h1**2/2
h2 = W @ x1
x2 = h2**2/2
dh2 = v*h2
dx1 = W.T @ dh2
dh1 = dx1*h1
""",
        values=(
            (("second_moment", "dh2", "dh2"), "0.72"),
            (("second_moment", "dx1", "dx1"), "1.35"),
            (("second_moment", "dx1", "x1"), "0.36"),
            (("second_moment", "dh1", "dh1"), "1.944"),
            (("second_moment", "dh1", "h1"), "0.72"),
            (("mean", "dx1"), "0.3"),
            (("zdot", "dx1", "x1"), "0.75"),
            (("hat_covariance", "dx1", "dx1"), "1.08"),
        ),
        source="hand: Z-dot of dx1 = 1.5 E v x1 (001)",
    ),
    # catches: drops Z-dot, drops sigma_W^2, covariances
    Case(
        name="backward_square_three_layers",
        text="""
matrix W ~ N(0, 1.5/n)
matrix W3 ~ N(0, 0.8/n)
vector h1 ~ N(0, 0.8)
vector v ~ N(0.5, 0.75)
x1 = h1**2/2
h2 = W @ x1
x2 = h2**2/2
h3 = W3 @ x2
x3 = h3**2/2
dh3 = v*h3
dx2 = W3.T @ dh3
dh2 = dx2*h2
dx1 = W.T @ dh2
""",
        values=(
            (("second_moment", "dx2", "dx2"), "0.31104"),
            (("second_moment", "dh2", "dh2"), "0.40310784"),
            (("second_moment", "dx1", "dx1"), "0.80621568"),
            (("second_moment", "dx1", "x1"), "0.31104"),
            (("zdot", "dx2", "x2"), "0.4"),
            (("zdot", "dx1", "x1"), "0.648"),
        ),
        source="hand: the Z-dot of dx2 contains x2, which counts in that of dx1",
    ),
    # catches: drops Z-dot, drops sigma_W^2, covariances
    Case(
        name="backward_of_tied_pair_zero_mean_readout",
        text="""
matrix W ~ N(0, 1.5/n)
vector x0 ~ N(0.5, 0.5)
vector v ~ N(0, 0.6)
h1 = W @ x0
x1 = tanh(h1)
h2 = W.T @ x1
dx1 = W @ v
dh1 = dx1*(1 - tanh(h1)**2)
dx0 = W.T @ dh1
""",
        values=(
            (("second_moment", "dx1", "dx1"), "0.9"),
            (("second_moment", "dx1", "h1"), "0"),
            (("second_moment", "dh1", "dh1"), "0.399252063933609523229587424221"),
            (("second_moment", "dx0", "dx0"), "1.05967334883014959903230969559"),
            (("second_moment", "dx0", "v"), "0.525810946783956931830560127394"),
            (("second_moment", "dx0", "x0"), "0"),
            (("second_moment", "dx0", "h2"), "0"),
            (("zdot", "dx0", "v"), "0.876351577973261553050933545657"),
            (("zdot", "dx0", "x0"), "0"),
        ),
        source="mpmath: Z-dot of dx0 = 1.5 (E phi'(h1) v + E phi''(h1) dx1 x0)",
        accuracy=1e-09,
    ),
    # catches: drops Z-dot, last y only, drops sigma_W^2, Z for Z-hat, covariances, independent
    Case(
        name="backward_of_tied_pair_nonzero_mean_readout",
        text="""
matrix W ~ N(0, 1.5/n)
vector x0 ~ N(0.5, 0.5)
vector v ~ N(0.75, 0.6)
h1 = W @ x0
x1 = tanh(h1)
h2 = W.T @ x1
dx1 = W @ v
dh1 = dx1*(1 - tanh(h1)**2)
dx0 = W.T @ dh1
""",
        values=(
            (("second_moment", "dx1", "dx1"), "1.74375"),
            (("second_moment", "dx1", "h1"), "0.5625"),
            (("second_moment", "dh1", "dh1"), "0.6753195932043891321211471259"),
            (("second_moment", "dx0", "dx0"), "1.78198649754991093063808462534"),
            (("second_moment", "dx0", "v"), "0.916008030948898402746024453008"),
            (("second_moment", "dx0", "x0"), "0.123130484849936777042728491986"),
            (("second_moment", "dx0", "h2"), "0.24490649928821240672557081384"),
            (("zdot", "dx0", "v"), "0.876351577973261553050933545657"),
            (("zdot", "dx0", "x0"), "-0.274001809186715073801828783514"),
        ),
        source="mpmath: Z-dot of dx0 = 1.5 (E phi'(h1) v + E phi''(h1) dx1 x0)",
        accuracy=1e-09,
    ),
    # catches: drops Z-dot, drops sigma_W^2
    Case(
        name="backward_of_linear_tied_autoencoder",
        text="""
matrix W ~ N(0, 1.5/n)
vector x0 ~ N(0, 0.6)
vector v ~ N(0, 0.75)
h1 = W @ x0
h2 = W.T @ h1
dx1 = W @ v
dx0 = W.T @ dx1
""",
        values=(
            (("second_moment", "dx0", "dx0"), "3.375"),
            (("second_moment", "dx0", "v"), "1.125"),
            (("second_moment", "h2", "x0"), "0.9"),
            (("second_moment", "h2", "h2"), "2.7"),
            (("second_moment", "dx0", "h2"), "0"),
            (("zdot", "dx0", "v"), "1.5"),
            (("zdot", "dx0", "x0"), "0"),
        ),
        source="hand: Marchenko-Pastur",
    ),
    # catches: drops sigma_W^2, covariances, independent
    Case(
        name="backward_two_samples",
        text="""
matrix W ~ N(0, 1.5/n)
vector h1, k1 ~ N([0, 0], [[1, 0.4], [0.4, 0.7]])
vector v ~ N(0, 0.75)
function derf(z) = 2/sqrt(pi)*exp(-z**2)
x1 = relu(h1)
y1 = relu(k1)
h2 = W @ x1
k2 = W @ y1
x2 = erf(h2)
y2 = erf(k2)
dh2 = v*derf(h2)
eh2 = v*derf(k2)
dx1 = W.T @ dh2
ex1 = W.T @ eh2
dh1 = dx1*step(h1)
eh1 = ex1*step(k1)
""",
        values=(
            (("second_moment", "x2", "y2"), "0.213798747762674337756262662705"),
            (("second_moment", "dh2", "eh2"), "0.446776200825582472891387839476"),
            (("second_moment", "dx1", "ex1"), "0.670164301238373709337081759214"),
            (("second_moment", "dx1", "dx1"), "0.716197243913529010959976935176"),
            (("second_moment", "dh1", "eh1"), "0.220708979406498436267596459782"),
            (("second_moment", "dh1", "dh1"), "0.358098621956764505479988467588"),
        ),
        source="hand: closed forms of erf' and step",
    ),
    # catches: drops Z-dot, drops sigma_W^2, ignores the ratio
    Case(
        name="backward_of_tied_pair_twice_as_wide",
        text="""
width m = 2*n
matrix A : m x n ~ N(0, 1.5/n)
vector x0 ~ N(0, 0.6)
vector v ~ N(0, 0.75)
h1 = A @ x0
x1 = relu(h1)
h2 = A.T @ x1
w = A @ v
dx1 = sqrt(2)*w
dh1 = dx1*step(h1)
p = A.T @ dh1
dx0 = sqrt(0.5)*p
""",
        values=(
            (("second_moment", "dx1", "dx1"), "2.25"),
            (("second_moment", "dx0", "dx0"), "3.375"),
            (("second_moment", "dx0", "v"), "1.125"),
            (("zdot", "p", "v"), "2.12132034355964257320253308631"),
        ),
        source="hand: roots of the width ratio, theory 4",
    ),
)
