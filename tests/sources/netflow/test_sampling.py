"""Sampling rates."""

from __future__ import annotations

import numpy as np
import pytest

from sekisho.sources.netflow.sampling import TABLE_LIMIT, Sampling, rates_in


def columns(**given: list[float]) -> dict[str, np.ndarray]:
    return {role: np.array(values) for role, values in given.items()}


@pytest.mark.parametrize(
    ("given", "rate"),
    [
        (columns(sampling_interval=[100]), 100),
        (columns(sampler_interval=[50]), 50),
        (columns(sampling_taken=[1], sampling_skipped=[999]), 1000),
        (columns(sampling_taken=[5]), 1),
        (columns(sampling_size=[2], sampling_population=[2000]), 1000),
        (columns(sampling_probability=[0.01]), 100),
        (columns(sampling_probability=[0.0]), 0),
        (columns(sampling_taken=[0], sampling_skipped=[999]), 0),
        (columns(sampling_interval=[1 << 40]), 0),
    ],
)
def test_a_rate_in_each_of_its_forms(given: dict[str, np.ndarray], rate: int) -> None:
    found = rates_in(given, 1)
    assert found is not None
    assert found.tolist() == [rate]


def test_without_a_field_there_is_no_rate() -> None:
    assert rates_in(columns(bytes=[5]), 1) is None


def test_the_record_then_its_sampler_then_its_interface_then_the_exporter() -> None:
    sampling = Sampling()
    sampling.learn(columns(sampling_interval=[10]), 1)
    sampling.learn(columns(input=[3], sampling_interval=[20]), 1)
    sampling.learn(columns(sampler=[7, 8], sampler_interval=[30, 40]), 2)
    given = columns(sampler=[7, 8, 9, 0, 7], input=[3, 3, 3, 3, 3], sampling_interval=[0, 0, 0, 0, 50])
    assert sampling.rates(given, 5).tolist() == [30, 40, 20, 1, 50]
    assert sampling.rates(columns(input=[3, 4]), 2).tolist() == [20, 10]


def test_samplers_of_one_rate_speak_for_records_that_name_none() -> None:
    sampling = Sampling()
    assert sampling.rates({}, 1).tolist() == [0]
    sampling.learn(columns(sampler=[1, 2], sampler_interval=[30, 30]), 2)
    assert sampling.rates({}, 1).tolist() == [30]
    sampling.learn(columns(sampler=[3], sampler_interval=[40]), 1)
    assert sampling.rates({}, 1).tolist() == [0]


def test_a_flood_of_samplers_is_bounded() -> None:
    sampling = Sampling()
    many = np.arange(TABLE_LIMIT + 1000)
    sampling.learn({"sampler": many, "sampler_interval": many + 1}, len(many))
    assert len(sampling.samplers) == TABLE_LIMIT
