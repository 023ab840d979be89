"""What every strategy must hold; a new line in the registry is tested here."""

import copy
from dataclasses import replace

import numpy as np
import pytest

from vidnas.budgets import Budget, Budgets, Pricing, UserPrice, cheapest, neighbours
from vidnas.costs import cost
from vidnas.errors import SpaceError
from vidnas.space import ChoiceSpace
from vidnas.strategies import (
    STRATEGIES,
    Evolution,
    Grid,
    LadderSearch,
    LocalSearch,
    Random,
    Regularised,
    ScoreSearch,
    SearchState,
)
from vidnas.trials import FLOPS, TOP1, Fidelity, Front, Trial, hypervolume
from vidnas.trials.front import costs_of

NO_LIMITS = Budgets((), Pricing())


# What is promised does not hang on how long a strategy looks.
SHORT = {
    "ladder": LadderSearch(start=6, rounds=1, children=40),
    "score": ScoreSearch(evaluations=300),
}


LISTING = {"grid"}  # which spaces of any size are too large for


# Of other libraries, which take longer to load and to ask.
OTHERS = [
    pytest.param(f"optuna {sampler}", marks=pytest.mark.slow)
    for sampler in ("tpe", "nsga2")
]


def named(name):
    if name.startswith("optuna "):
        from vidnas.integrations.optuna import OptunaStrategy

        return OptunaStrategy(name.split()[1])
    return SHORT.get(name) or STRATEGIES[name]()


@pytest.fixture(params=[*(name for name in STRATEGIES if name not in LISTING), *OTHERS])
def strategy(request):
    return named(request.param)


@pytest.fixture(params=[*STRATEGIES, *OTHERS])
def any_strategy(request):
    """Those for small spaces too."""
    return named(request.param)


def made(space, candidate, number, state="done", top1=50.0):
    """A trial of a candidate of `space`."""
    architecture = space.decode(candidate)
    return Trial(
        number=number,
        candidate=candidate,
        architecture=architecture,
        fidelity=Fidelity(epochs=1),
        seed=number,
        costs={"flops": float(cost(architecture).flops)},
        state=state,
        measured={"top1": top1} if state == "done" else {},
    )


def once(made):
    """The same for one space and the same arguments, which takes time to make."""
    known = {}

    def remembered(space, *arguments):
        key = (space.space_hash, *arguments)
        if key not in known:
            known[key] = made(space, *arguments)
        return known[key]

    return remembered


@once
def some_trials(space, count, seed=0):
    """Trials in every state, with drawn accuracies."""
    rng = np.random.default_rng(seed)
    states = ("done", "done", "done", "running", "failed")
    return [
        made(space, space.sample(rng), n, states[n % len(states)], rng.uniform(10, 90))
        for n in range(count)
    ]


@once
def median_limits(space):
    """Budgets that about a third of uniform samples meet."""
    rng = np.random.default_rng(0)
    costs = [cost(space.decode(space.sample(rng))) for _ in range(50)]
    return Budgets(
        (
            Budget("flops", float(np.median([c.flops for c in costs]))),
            Budget("parameters", float(np.median([c.parameters for c in costs]))),
        ),
        Pricing(),
    )


def search(strategy, space, accuracy, trials, seed, budgets=NO_LIMITS):
    """A whole sequential search; each candidate is measured by `accuracy`."""
    found = []
    for number in range(trials):
        rng = np.random.default_rng([seed, number])
        proposal = strategy.propose(SearchState(space, budgets, found), rng, 1)
        if not proposal.candidates:
            break
        (candidate,) = proposal.candidates
        top1 = accuracy(space.decode(candidate))
        found.append(made(space, candidate, number, top1=top1))
    return found


def test_budgets_that_no_sample_meets_still_get_proposals(strategy, quickstart):
    least = cost(quickstart.decode(cheapest(quickstart, Pricing(), "flops"))).flops
    budgets = Budgets((Budget("flops", 1.05 * least),), Pricing())
    rng = np.random.default_rng(0)
    drawn = quickstart.columns(quickstart.many.sample(rng, 2000))
    assert not budgets.within(budgets.price.many(drawn)).any()
    found = search(strategy, quickstart, lambda network: 50.0, 3, 0, budgets)
    assert len({trial.arch_id for trial in found}) == 3
    assert all(trial.value("flops") <= 1.05 * least for trial in found)


def require_contract(strategy, space, count):
    """Proposals after `count` trials are new, distinct, canonical, in budget."""
    budgets = median_limits(space)
    trials = some_trials(space, count)
    proposal = strategy.propose(
        SearchState(space, budgets, trials), np.random.default_rng(1), 4
    )
    networks = [space.decode(candidate) for candidate in proposal.candidates]
    identities = {network.arch_id for network in networks}
    assert len(identities) == len(networks) == 4
    assert identities.isdisjoint(trial.arch_id for trial in trials)
    for candidate, network in zip(proposal.candidates, networks, strict=True):
        assert space.canonical(candidate) == candidate
        assert budgets.broken(network) == ()
        assert all(type(index) is int for index in candidate)


def test_proposals_are_new_distinct_canonical_and_within_the_budgets(strategy, space):
    require_contract(strategy, space, 40)


def test_the_first_proposals_are_so_too(strategy, quickstart):
    require_contract(strategy, quickstart, 0)


@pytest.mark.parametrize("count", [0, 40])
def test_the_same_generator_proposes_the_same(strategy, quickstart, count):
    trials = some_trials(quickstart, count)
    first, second, other = (
        strategy.propose(
            SearchState(quickstart, NO_LIMITS, trials), np.random.default_rng(seed), 3
        )
        for seed in (5, 5, 6)
    )
    assert first == second
    if isinstance(strategy, ScoreSearch):
        return  # it draws by the seed of the study, once
    if count == 0 or getattr(strategy, "sampler", "") != "tpe":
        # Of few options, the best of the two dozen that TPE draws is always the same.
        assert first.candidates != other.candidates


def test_proposing_leaves_its_inputs_alone(strategy, quickstart):
    trials = some_trials(quickstart, 30)
    budgets = median_limits(quickstart)
    before = copy.deepcopy((trials, budgets.limits, quickstart.to_document()))
    strategy.propose(
        SearchState(quickstart, budgets, trials), np.random.default_rng(0), 3
    )
    assert (trials, budgets.limits, quickstart.to_document()) == before


def test_a_strategy_remembers_nothing(strategy, quickstart):
    fresh = replace(strategy)
    for count in (0, 30, 5):
        trials = some_trials(quickstart, count)
        ours, theirs = (
            s.propose(
                SearchState(quickstart, NO_LIMITS, trials), np.random.default_rng(2), 2
            )
            for s in (strategy, fresh)
        )
        assert ours == theirs
        fresh = replace(strategy)


def test_a_small_space_is_exhausted_and_then_nothing_is_proposed(
    any_strategy, make_space
):
    # 2 widths x (2 + 2^2) kernels = 12 networks
    space = make_space(width=(0.5, 1.0), depth=(1, 2), kernel=("1x3x3", "3x3x3"))
    trials = []
    for number in range(20):
        rng = np.random.default_rng(number)
        proposal = any_strategy.propose(
            SearchState(space, NO_LIMITS, trials), rng, 1 + number % 3
        )
        if not proposal.candidates:
            break
        for candidate in proposal.candidates:
            trials.append(made(space, candidate, len(trials), top1=float(len(trials))))
    assert len(trials) == space.count() == 12
    assert len({trial.arch_id for trial in trials}) == 12


@pytest.mark.parametrize("states", [("running",), ("done", "failed")])
def test_only_what_no_trial_has_tried_is_left(any_strategy, make_space, states):
    # Of 6 networks, 5 are taken by trials, in whatever state.
    space = make_space(depth=(1, 2), kernel=("1x3x3", "3x3x3"))
    all_of_them = any_strategy.propose(
        SearchState(space, NO_LIMITS, []), np.random.default_rng(0), 6
    )
    *taken, last = all_of_them.candidates
    trials = [
        made(space, candidate, number, states[number % len(states)])
        for number, candidate in enumerate(taken)
    ]
    proposal = any_strategy.propose(
        SearchState(space, NO_LIMITS, trials), np.random.default_rng(1), 3
    )
    assert proposal.candidates == (last,)


def test_asking_for_more_than_there_is_returns_what_there_is(any_strategy, make_space):
    space = make_space(depth=(1, 2), kernel=("1x3x3", "3x3x3"))
    proposal = any_strategy.propose(
        SearchState(space, NO_LIMITS, []), np.random.default_rng(0), 50
    )
    assert len(set(proposal.candidates)) == len(proposal.candidates) == 6


@pytest.mark.parametrize("options", [{}, {"squeeze_excite": (False, True)}])
def test_a_space_of_one_or_two_networks_ends(make_space, options):
    space = make_space(**options)
    for strategy in (Random(), Evolution(start=1), LadderSearch(start=1)):
        found = search(strategy, space, lambda _: 1.0, trials=5, seed=0)
        assert len(found) == space.count()


def test_nothing_is_proposed_where_nothing_meets_the_budgets(strategy, make_space):
    space = make_space(depth=(1, 2), kernel=("1x3x3", "3x3x3"))
    budgets = Budgets((Budget("flops", 1.0), Budget("parameters", 1e12)), Pricing())
    proposal = strategy.propose(
        SearchState(space, budgets, []), np.random.default_rng(0), 2
    )
    assert proposal.candidates == ()
    assert proposal.refused["flops"] >= 2000  # as many as were tried
    assert proposal.refused["parameters"] == 0


def test_any_strategy_searches_a_problem_that_is_no_network(any_strategy):
    price = UserPrice(
        ChoiceSpace.of(
            "plain",
            {"size": (1, 2, 4, 8), "kind": ("a", "b", "c"), "flag": (False, True)},
        ),
        cost=lambda values: {"flops": float(values["size"])},
    )
    space, budgets = price.space, price.budgets(Budget("flops", 4.0))
    if isinstance(any_strategy, ScoreSearch):  # there is nothing to score
        with pytest.raises(SpaceError, match="'plain' has no `entropy_score`"):
            any_strategy.propose(
                SearchState(space, budgets, []), np.random.default_rng(0), 1
            )
        return
    trials = []
    for number in range(20):
        rng = np.random.default_rng(number)
        proposal = any_strategy.propose(SearchState(space, budgets, trials), rng, 1)
        if not proposal.candidates:
            break
        (candidate,) = proposal.candidates
        values = space.values(candidate)
        trials.append(
            Trial(
                number=number,
                candidate=candidate,
                architecture=space.decode(candidate),
                fidelity=Fidelity(epochs=1),
                seed=0,
                costs={"flops": float(values["size"])},
                state="done",
                measured={"top1": 10.0 * values["size"] + 5.0 * values["flag"]},
            )
        )
    # 3 sizes within the budget x 3 kinds x 2 flags
    assert len({trial.arch_id for trial in trials}) == len(trials) == 18
    assert max(trial.value("flops") for trial in trials) == 4.0


def test_grid_search_says_at_once_that_a_space_is_too_large(quickstart):
    with pytest.raises(SpaceError, match=r"at most 20000 .*'quickstart'"):
        Grid().propose(
            SearchState(quickstart, NO_LIMITS, []), np.random.default_rng(0), 1
        )


@pytest.mark.slow
def test_stratified_samples_reach_the_ends_of_log_flops(quickstart):
    rng = np.random.default_rng(0)
    spreads = [
        log_flops(
            quickstart,
            Random(stratified=stratified)
            .propose(SearchState(quickstart, NO_LIMITS, []), rng, 40)
            .candidates,
        ).std()
        for stratified in (True, False)
    ]
    assert spreads[0] > 1.3 * spreads[1]


@pytest.mark.slow
def test_local_search_proposes_neighbours_of_the_front(quickstart):
    trials = [
        made(quickstart, c, n, top1=plausible_accuracy(quickstart.decode(c)))
        for n, c in enumerate(
            Random()
            .propose(
                SearchState(quickstart, NO_LIMITS, []), np.random.default_rng(1), 20
            )
            .candidates
        )
    ]
    front = Front.of(trials, (FLOPS, TOP1)).trials
    near = {
        tuple(row)
        for trial in front
        for row in neighbours(quickstart, trial.candidate).tolist()
    }
    rng = np.random.default_rng(2)
    found = (
        LocalSearch()
        .propose(SearchState(quickstart, NO_LIMITS, trials), rng, 8)
        .candidates
    )
    assert set(found) <= near


@pytest.mark.slow
def test_regularised_evolution_improves_accuracy_alone(quickstart):
    def last(strategy):
        found = search(strategy, quickstart, plausible_accuracy, trials=60, seed=0)
        return np.mean([trial.value("top1") for trial in found[-20:]])

    assert last(Regularised(population=12)) > last(Random()) + 5.0


def test_refusals_are_counted_by_budget(strategy, quickstart):
    budgets = median_limits(quickstart)
    proposal = strategy.propose(
        SearchState(quickstart, budgets, []), np.random.default_rng(0), 8
    )
    assert set(proposal.refused) == {"flops", "parameters"}
    assert all(count > 0 for count in proposal.refused.values())
    free = strategy.propose(
        SearchState(quickstart, NO_LIMITS, []), np.random.default_rng(0), 8
    )
    assert free.refused == {}


def test_failed_and_running_trials_need_no_accuracy(strategy, quickstart):
    trials = [
        replace(trial, state=state, measured={})
        for state in ("running", "failed")
        for trial in some_trials(quickstart, 20)
    ]
    proposal = strategy.propose(
        SearchState(quickstart, NO_LIMITS, trials), np.random.default_rng(0), 1
    )
    assert len(proposal.candidates) == 1


def log_flops(space, candidates):
    return np.log([cost(space.decode(candidate)).flops for candidate in candidates])


@pytest.mark.parametrize("batch", [1, 12])
def test_evolution_starts_with_networks_spread_over_log_flops(quickstart, batch):
    drawn = np.random.default_rng(0)
    samples = log_flops(quickstart, [quickstart.sample(drawn) for _ in range(12)])
    trials = []
    while len(trials) < 12:
        rng = np.random.default_rng(len(trials))
        proposal = Evolution().propose(
            SearchState(quickstart, NO_LIMITS, trials), rng, batch
        )
        for candidate in proposal.candidates:
            trials.append(made(quickstart, candidate, len(trials)))
    spread = np.sort(log_flops(quickstart, [trial.candidate for trial in trials]))
    # Uniform samples gather in the middle; these reach farther to both sides.
    assert np.ptp(spread) > 1.3 * np.ptp(samples)
    # No gap is wider than a third of the whole.
    assert np.diff(spread).max() < np.ptp(spread) / 3


@pytest.mark.slow
def test_children_of_the_best_are_better_than_random_ones(make_space):
    # Accuracy is 10 % for each of six layers that is 3x1x1, the cheapest kernel: the
    # front is one network, and a random one has 6 / 4 = 1.5 such layers.
    space = make_space(depth=(6,), kernel=("1x3x3", "3x1x1", "3x3x3", "5x3x3"))

    def accuracy(architecture):
        kernels = [layer.kernel for layer in architecture.stages[0].layers]
        return 10.0 * sum(str(kernel) == "3x1x1" for kernel in kernels)

    def late(strategy):
        top1 = [
            [t.measured["top1"] for t in search(strategy, space, accuracy, 40, seed)]
            for seed in range(4)
        ]
        return np.mean([numbers[-10:] for numbers in top1])

    assert late(Random()) == pytest.approx(15.0, abs=5.0)
    assert late(Evolution(start=6)) > 1.4 * late(Random())


def plausible_accuracy(architecture):
    """Rises with log FLOPs and falls with kernels that waste them."""
    kernels = [placed.layer.kernel for placed in architecture.placed_layers()]
    temporal = np.mean([k.frames > 1 for k in kernels])
    wide = np.mean([k.frames > 3 for k in kernels])
    excited = np.mean(
        [p.layer.squeeze_excite > 0 for p in architecture.placed_layers()]
    )
    size = np.log10(cost(architecture).flops / 1e6)
    return float(40 + 15 * np.tanh(size) + 20 * temporal - 12 * wide + 6 * excited)


@pytest.mark.slow
def test_evolution_beats_random_search_on_a_formula(quickstart):
    reference = np.array([8.0, 0.0])  # log10 FLOPs, top-1 [%]

    def volume(strategy, seed):
        found = search(strategy, quickstart, plausible_accuracy, trials=40, seed=seed)
        costs = costs_of(found, (FLOPS, TOP1))
        costs[:, 0] = np.log10(costs[:, 0])
        return hypervolume(costs, reference=reference)

    evolved, drawn = (
        np.array([volume(strategy, seed) for seed in range(3)])
        for strategy in (Evolution(), Random())
    )
    assert evolved.mean() > 1.15 * drawn.mean()
    assert (evolved > drawn).all()


@pytest.mark.slow
def test_ladder_search_beats_evolution_on_a_formula(quickstart):
    reference = np.array([8.0, 0.0])  # log10 FLOPs, top-1 [%]

    def volume(strategy, seed):
        found = search(strategy, quickstart, plausible_accuracy, trials=20, seed=seed)
        costs = costs_of(found, (FLOPS, TOP1))
        costs[:, 0] = np.log10(costs[:, 0])
        return hypervolume(costs, reference=reference)

    ladder = LadderSearch(start=8, rounds=1, children=100)
    found, evolved = (
        np.array([volume(strategy, seed) for seed in range(2)])
        for strategy in (ladder, Evolution(start=8))
    )
    assert (found > evolved).all()


@pytest.mark.slow
def test_ladder_search_learns_where_no_sample_meets_the_budgets(quickstart):
    least = cost(quickstart.decode(cheapest(quickstart, Pricing(), "flops"))).flops
    budgets = Budgets((Budget("flops", 1.3 * least),), Pricing())

    def late(strategy):
        found = search(strategy, quickstart, plausible_accuracy, 24, 0, budgets)
        return np.mean([trial.value("top1") for trial in found[-8:]])

    assert late(LadderSearch(start=6, rounds=2, children=60)) > late(Random())


def test_what_promises_most_is_better_than_all_that_is_trained_in_full(quickstart):
    rng = np.random.default_rng(5)
    drawn = [quickstart.sample(rng) for _ in range(48)]
    truth = [plausible_accuracy(quickstart.decode(c)) for c in drawn]
    full = [made(quickstart, c, n, top1=truth[n]) for n, c in enumerate(drawn[:16])]
    cheap = [
        replace(
            made(quickstart, c, 16 + n, top1=0.5 * truth[16 + n]),
            fidelity=Fidelity(epochs=1),
        )
        for n, c in enumerate(drawn[16:])
    ]
    top = Fidelity(epochs=9)
    full = [replace(trial, fidelity=top) for trial in full]
    promise = LadderSearch().promise(
        SearchState(quickstart, NO_LIMITS, [*full, *cheap]), rng, cheap, top
    )
    assert (promise >= 0.0).all()
    best = cheap[int(np.argmax(promise))]
    within = [t for t in full if t.value("flops") <= best.value("flops")]
    assert 2 * best.value("top1") > max(t.value("top1") for t in within)
    # What is less accurate than cheaper networks promises next to nothing.
    hopeless = [
        n
        for n, trial in enumerate(cheap)
        if any(
            t.value("flops") < trial.value("flops")
            and t.value("top1") > 2 * trial.value("top1") + 8
            for t in full
        )
    ]
    assert hopeless
    assert promise[hopeless].max() < 0.2 * promise.max()


def test_workers_side_by_side_get_different_places_of_the_ladder(quickstart):
    rng = np.random.default_rng(3)
    trials = [
        made(quickstart, c, n, top1=plausible_accuracy(quickstart.decode(c)))
        for n, c in enumerate([quickstart.sample(rng) for _ in range(12)])
    ]
    ladder = LadderSearch(start=8, rounds=2, children=100)
    four = ladder.propose(
        SearchState(quickstart, NO_LIMITS, trials), np.random.default_rng(0), 4
    )
    spread = log_flops(quickstart, four.candidates)
    assert np.ptp(spread) > 0.5
    # Asked one by one, with those before still running, they spread alike.
    for number in range(3):
        proposal = ladder.propose(
            SearchState(quickstart, NO_LIMITS, trials), np.random.default_rng(number), 1
        )
        trials.append(made(quickstart, proposal.candidates[0], 12 + number, "running"))
    alone = log_flops(quickstart, [trial.candidate for trial in trials[-3:]])
    assert np.ptp(alone) > 0.5


@pytest.mark.slow
def test_a_soft_budget_makes_what_is_beyond_it_rarer(strategy, quickstart):
    median = median_limits(quickstart).limits[0].maximum
    soft = Budgets((Budget("flops", 0.5 * median, soft=True),), Pricing())

    def share_beyond(budgets):
        found = [
            strategy.propose(
                SearchState(quickstart, budgets, ()), np.random.default_rng(s), 3
            )
            for s in range(20)
        ]
        networks = [quickstart.decode(c) for p in found for c in p.candidates]
        assert len(networks) == 60
        assert not any(proposal.refused for proposal in found)
        return np.mean([bool(soft.exceeded(network)) for network in networks])

    assert 0 < share_beyond(soft) < share_beyond(NO_LIMITS)


def test_a_soft_budget_refuses_nothing_and_a_hard_one_beside_it_holds(
    strategy, quickstart
):
    hard = median_limits(quickstart).limits[0]
    budgets = Budgets((hard, Budget("parameters", 1.0, soft=True)), Pricing())
    trials = some_trials(quickstart, 5)
    proposal = strategy.propose(
        SearchState(quickstart, budgets, trials), np.random.default_rng(0), 4
    )
    networks = [quickstart.decode(candidate) for candidate in proposal.candidates]
    assert len(networks) == 4
    assert all(budgets.exceeded(network) == ("parameters",) for network in networks)
    assert not any(budgets.broken(network) for network in networks)


def test_trials_at_several_fidelities_are_taken_as_they_come(strategy, quickstart):
    low = some_trials(quickstart, 20)
    high = [
        replace(trial, number=20 + n, fidelity=Fidelity(epochs=5))
        for n, trial in enumerate(t for t in low if t.state == "done")
    ]
    rng = np.random.default_rng(3)
    proposal = strategy.propose(
        SearchState(quickstart, NO_LIMITS, [*low, *high]), rng, 2
    )
    names = {quickstart.decode(found).arch_id for found in proposal.candidates}
    assert len(names) == 2
    assert names.isdisjoint(trial.arch_id for trial in low)
