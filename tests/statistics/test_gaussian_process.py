import numpy as np
import pytest

from vidnas.statistics.gaussian_process import (
    ENOUGH,
    PRIORS,
    Gaussian,
    Posterior,
    Scales,
    _posterior,
    fit,
    inverse_of_triangle,
)


def drawn(points, features, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(points, features))
    y = np.sin(2.0 * x[:, 0]) + x[:, 1] + 0.05 * rng.normal(size=points)
    return x, y / 1.22  # its deviation


def test_one_value_pulls_the_mean_by_its_share_of_the_variance():
    # Signal 3, no linear part, noise 1: at the point 3 / (3 + 1) of the value is
    # believed, and 3 - 3 * 3 / 4 of the variance is left.
    scales = Scales(np.ones(1), signal=3.0, linear=0.0, curved=0.0, noise=1.0)
    known = Gaussian.given(np.zeros((1, 1)), np.array([2.0]), scales)
    mean, deviation = known.predict(np.zeros((1, 1)))
    assert mean[0] == pytest.approx(1.5, abs=1e-5)
    assert deviation[0] ** 2 == pytest.approx(0.75, abs=1e-5)


def test_far_from_what_is_known_nothing_is():
    scales = Scales(np.ones(2), signal=2.0, linear=0.0, curved=0.0, noise=0.1)
    known = Gaussian.given(np.zeros((1, 2)), np.array([5.0]), scales)
    mean, deviation = known.predict(np.array([[60.0, 0.0]]))
    assert mean[0] == pytest.approx(0.0, abs=1e-9)
    assert deviation[0] == pytest.approx(2.0**0.5)


@pytest.mark.parametrize("along", [None, 1])
def test_the_slope_is_that_of_the_posterior(along):
    x, y = drawn(30, 4)
    priors = np.concatenate([np.tile([[1.0, 0.6]], (4, 1)), PRIORS, [[0.0, 0.7]]])
    logs = np.random.default_rng(1).normal(size=9) * 0.3
    _, slope = _posterior(x, y, logs, priors, along)
    for at in range(9):
        step = np.eye(9)[at] * 1e-5
        above, below = (
            _posterior(x, y, logs + s, priors, along)[0] for s in (step, -step)
        )
        assert slope[at] == pytest.approx((above - below) / 2e-5, abs=1e-5)


def test_noise_that_falls_along_a_feature_is_seen():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(150, 3))
    # Deviation 0.9, 0.3 and 0.1 where the feature is -1, 0 and 1: the variance falls
    # by 9 a unit, its logarithm by 2.2.
    y = x[:, 1] + 0.3 * 3.0 ** -x[:, 0] * rng.normal(size=150)
    scales = fit(x, y / y.std(), along=0).scales
    assert -2.6 < scales.tilt < -0.8  # the prior holds it back
    even = scales.noises(np.array([[-1.0, 0, 0], [1.0, 0, 0]]))
    assert even[0] > 5.0 * even[1]
    assert fit(x, y / y.std()).scales.tilt == 0.0


def test_what_the_others_foretell_of_a_value_is_what_they_say_without_it():
    x, y = drawn(20, 2)
    known = fit(x, y)
    beyond, deviation = known.left_out()
    for at in (0, 7, 19):
        rest = np.arange(20) != at
        others = Gaussian.given(x[rest], y[rest], known.scales)
        mean, apart = others.predict(x[[at]])
        assert y[at] - mean[0] == pytest.approx(beyond[at], abs=1e-4)
        whole = np.sqrt(apart[0] ** 2 + known.scales.noise)
        assert deviation[at] == pytest.approx(whole, rel=1e-3)


def test_fit_finds_which_features_matter():
    x, y = drawn(120, 6)
    known = fit(x, y)
    unseen, truth = drawn(400, 6, seed=9)
    mean, deviation = known.predict(unseen)
    assert np.corrcoef(mean, truth)[0, 1] > 0.98
    assert np.argmin(known.scales.lengths) == 0  # the one that is not linear
    # Of what was not measured, deviations tell how wrong the mean is.
    within = np.abs(mean - truth) < 2.0 * np.sqrt(deviation**2 + 0.05**2)
    assert within.mean() > 0.85


def test_an_optimum_within_is_seen_from_few_points():
    rng = np.random.default_rng(2)
    optimum = rng.normal(size=20) * 0.5
    x, unseen = rng.normal(size=(60, 20)), rng.normal(size=(400, 20))
    value, truth = (-((p - optimum) ** 2).sum(axis=1) for p in (x, unseen))
    known = fit(x, (value - value.mean()) / value.std())
    # Of 20 slopes and 20 bends, 60 points; a smooth part alone reaches 0.6.
    assert np.corrcoef(known.mean(unseen), truth)[0, 1] > 0.85
    assert known.scales.curved > 0.1


@pytest.mark.slow
def test_of_very_many_values_some_tell_the_scales_and_all_are_known():
    x, y = drawn(3 * ENOUGH, 3)
    many, some = fit(x, y), fit(x[::3], y[::3])
    np.testing.assert_allclose(many.scales.lengths, some.scales.lengths, rtol=1e-6)
    assert len(many.points) == 3 * ENOUGH
    unseen, truth = drawn(400, 3, seed=9)
    errors = [np.abs(known.mean(unseen) - truth).mean() for known in (many, some)]
    assert errors[0] < errors[1]


def test_believing_what_is_predicted_changes_no_mean_and_lowers_deviations():
    x, y = drawn(20, 3)
    known = fit(x, y)
    new = np.full((1, 3), 1.5)
    mean, deviation = known.predict(new)
    believed = known.believing(new, mean)
    elsewhere = np.random.default_rng(5).normal(size=(50, 3))
    before, after = known.predict(elsewhere), believed.predict(elsewhere)
    np.testing.assert_allclose(after[0], before[0], atol=1e-6)
    assert (after[1] <= before[1] + 1e-9).all()
    assert believed.predict(new)[1][0] < 0.5 * deviation[0] + 0.1


def test_points_believed_one_by_one_are_known_as_points_believed_together():
    rng = np.random.default_rng(3)
    points = rng.normal(size=(150, 3))
    known = fit(points, np.sin(points[:, 0]) + 0.1 * rng.normal(size=150), steps=5)
    new = rng.normal(size=(20, 3))
    seen = Posterior(known, new)
    for at in (4, 7, 4):
        seen.believe(at)
    chosen = new[[4, 7, 4]]
    mean, deviation = known.believing(chosen, known.mean(chosen)).predict(new)
    np.testing.assert_allclose(seen.mean, mean, atol=1e-8)
    np.testing.assert_allclose(seen.deviation, deviation, atol=1e-8)


@pytest.mark.parametrize("size", [1, 64, 65, 200, 333])
def test_a_triangle_times_its_inverse_is_one(size):
    lower = np.tril(np.random.default_rng(size).normal(size=(size, size)) / size)
    lower[np.diag_indices(size)] += 1.0
    inverse = inverse_of_triangle(lower)
    np.testing.assert_allclose(lower @ inverse, np.eye(size), atol=1e-9)
    assert (np.triu(inverse, 1) == 0.0).all()
