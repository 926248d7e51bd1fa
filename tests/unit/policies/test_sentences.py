"""Each marked sentence of docs/policy.md has tests, named here: what is named exists, nothing marked is left out."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = HERE.parents[2] / "docs" / "policy.md"
DECODE, JUDGE, LIMITS = "decode/test_calls.py", "judgement/test_judge.py", "judgement/test_limits.py"
PROPERTIES, WINDOWS = "judgement/test_judge_properties.py", "judgement/test_limit_windows.py"
ERC20, AAVE, ROUTER = "decode/tokens/test_erc20.py", "decode/venues/test_aave_v3_pool.py", "decode/test_swap_router.py"
TYPED, PINS = "decode/test_typed_data.py", "judgement/test_pins.py"
CHECK, COMMAND = "check/test_check.py", "check/test_check_command.py"
SPLITS = "judgement/test_limit_properties.py"

TESTS: dict[str, tuple[str, ...]] = {
    "E1": (f"{DECODE}::test_calls_outside_the_book_are_unknown_and_say_selector_and_address",),
    "E2": (
        f"{DECODE}::test_non_canonical_calldata_is_unknown_and_says_where",
        f"{JUDGE}::test_kinds_that_are_only_for_deny_rules_are_denied_without_one",
    ),
    "E3": (
        f"{ROUTER}::test_an_exact_input_sells_exactly_and_buys_at_least",
        f"{ROUTER}::test_an_exact_output_sells_at_most_and_buys_exactly",
    ),
    "E4": (f"{ROUTER}::test_a_price_limit_makes_an_input_a_maximum_and_an_output_no_guarantee",),
    "E5": (
        f"{AAVE}::test_a_repayment_is_a_maximum",
        f"{AAVE}::test_switches_are_calls",
        f"{AAVE}::test_flash_loans_and_liquidations_are_unknown",
    ),
    "E6": (
        f"{ERC20}::test_an_approval_is_unlimited_from_2_96_or_above_the_total_supply",
        f"{JUDGE}::test_an_effect_raised_beside_another_is_judged_for_itself",
    ),
    "E7": (f"{JUDGE}::test_unsimulated_calls_are_denied_where_a_chain_is_read",),
    "E8": (
        f"{PINS}::test_the_code_found_is_the_code_pinned",
        f"{PINS}::test_a_proxy_is_held_to_its_implementation_and_to_that_ones_code",
    ),
    "E9": ("decode/accounts/test_multisend.py::test_our_safe_s_multisend_is_the_calls_inside",),
    "E10": ("decode/draft/test_nesting.py::test_what_another_sender_takes_of_ours_is_named_with_its_amount",),
    "M1": (f"{JUDGE}::test_default_is_deny_and_says_which_rule_came_near",),
    "M2": (
        f"{JUDGE}::test_splitting_inside_a_proposal_gains_nothing",
        f"{JUDGE}::test_amount_is_summed_for_each_asset_and_usd_over_all",
        f"{JUDGE}::test_effects_that_miss_another_condition_are_no_part_of_the_sum",
        "conditions/test_shares.py::test_the_share_is_summed_for_each_asset",
    ),
    "M3": (f"{JUDGE}::test_an_unpriced_asset_fails_an_allow_rule",),
    "M4": (
        f"{JUDGE}::test_a_deny_or_escalate_rule_of_which_nothing_fails_but_something_is_unknown_denies",
        f"{JUDGE}::test_what_is_surely_over_the_bound_is_not_unknown",
    ),
    "M5": (f"{JUDGE}::test_max_and_min_include_the_bound_above_and_below_exclude_it",),
    "M6": (f"{JUDGE}::test_max_and_min_include_the_bound_above_and_below_exclude_it",),
    "M7": (f"{JUDGE}::test_slippage_is_exact_at_the_bound",),
    "M8": (f"{JUDGE}::test_a_deadline_is_held_against_the_time_of_judgement",),
    "V1": (f"{JUDGE}::test_deny_beats_escalate_beats_allow",),
    "V2": (f"{JUDGE}::test_the_proposal_takes_the_worst_of_its_effects", f"{JUDGE}::test_nothing_to_judge_is_denied"),
    "V3": (
        f"{PROPERTIES}::test_the_order_of_rules_never_matters",
        f"{SPLITS}::test_the_order_of_limits_rules_and_payments_never_matters",
        f"{JUDGE}::test_a_deny_lists_every_reason",
    ),
    "V4": (f"{JUDGE}::test_kinds_that_are_only_for_deny_rules_are_denied_without_one",),
    "V5": (f"{JUDGE}::test_an_effect_raised_beside_another_is_judged_for_itself",),
    "V6": (f"{JUDGE}::test_revocations_of_known_tokens_need_no_rule",),
    "V7": (
        f"{JUDGE}::test_an_approval_brought_to_zero_takes_the_verdict_of_what_used_it",
        "decode/draft/test_settlement.py::test_what_settles_an_approval",
    ),
    "V8": (
        f"{JUDGE}::test_an_approval_brought_to_zero_takes_the_verdict_of_what_used_it",
        f"{JUDGE}::test_a_deny_rule_on_approvals_also_denies_a_settled_one",
    ),
    "V9": (
        f"{PROPERTIES}::test_taking_an_allow_rule_away_or_adding_a_deny_rule_never_lets_more_through",
        f"{SPLITS}::test_one_more_limit_never_lets_more_through",
    ),
    "L1": (f"{LIMITS}::test_limits_hold_for_escalations_too_and_no_approval_lifts_them",),
    "L2": (
        f"{PROPERTIES}::test_counting_is_never_netted",
        f"{LIMITS}::test_an_amount_without_a_bound_counts_as_the_largest_there_is",
    ),
    "L3": (f"{LIMITS}::test_a_transfer_counts_its_amount_and_one_to_self_or_an_own_account_nothing",),
    "L4": (
        f"{LIMITS}::test_a_swap_counts_what_its_minimum_may_lose",
        f"{LIMITS}::test_turnover_counts_swaps_gross",
    ),
    "L5": (
        f"{LIMITS}::test_an_allowance_left_open_counts_whatever_its_age",
        f"{LIMITS}::test_a_second_approval_of_a_spender_counts_the_larger_amount",
    ),
    "L6": (
        f"{LIMITS}::test_positions_for_self_count_nothing_and_for_others_in_full",
        f"{LIMITS}::test_wrapping_counts_nothing_and_borrowing_as_borrow",
    ),
    "L7": (
        f"{LIMITS}::test_gas_counts_the_gas_limit_at_the_maximum_fee",
        f"{LIMITS}::test_count_counts_proposals",
    ),
    "L8": (
        f"{LIMITS}::test_a_limit_on_a_token_counts_that_token_alone_and_swaps_by_what_is_sold",
        f"{LIMITS}::test_an_unpriced_outflow_breaks_a_limit_in_usd_and_not_one_in_its_token",
    ),
    "L9": (
        f"{LIMITS}::test_a_window_leaves_out_its_beginning_and_holds_its_end",
        "budget/test_ledger.py::test_a_reservation_counts_until_it_is_released",
    ),
    "L10": (
        f"{WINDOWS}::test_each_recipient_has_a_window_of_its_own",
        f"{WINDOWS}::test_each_asset_has_a_window_of_its_own",
        f"{WINDOWS}::test_what_went_nobody_knows_where_counts_for_everybody",
    ),
    "L11": (
        f"{WINDOWS}::test_a_limit_on_a_rule_counts_only_what_that_rule_lets_through",
        f"{WINDOWS}::test_a_limit_to_addresses_counts_only_what_goes_there",
    ),
    "L12": (
        f"{PROPERTIES}::test_splitting_a_payment_inside_a_proposal_never_passes_more",
        f"{SPLITS}::test_splitting_across_proposals_never_passes_more_than_the_windows",
        "budget/test_windows.py::test_a_batch_gets_the_verdicts_that_every_movement_by_itself_would_give",
    ),
    "L13": (
        "judgement/test_timelock.py::test_target_and_counterparty_must_be_in_the_book_so_long",
        "judgement/test_timelock.py::test_a_spender_must_be_in_the_book_so_long",
    ),
    "L14": (f"{JUDGE}::test_a_breaker_denies_what_the_rules_allow",),
    "L15": ("judgement/test_defence.py::test_defence_passes_when_stopped_and_when_a_breaker_tripped",),
    "A1": (
        f"{JUDGE}::test_self_is_the_account",
        "book/test_book.py::test_a_label_is_an_address_on_its_chains_alone",
    ),
    "A2": (
        f"{ROUTER}::test_the_shorthands_of_swaps_are_resolved",
        f"{ROUTER}::test_unwrap_and_sweep_take_their_recipients_literally",
        f"{ROUTER}::test_what_stays_in_the_router_is_a_transfer_to_a_stranger",
    ),
    "A3": (f"{ERC20}::test_value_sent_along_a_function_that_takes_none_is_a_transfer_to_a_stranger",),
    "A4": (f"{ROUTER}::test_every_token_of_a_path_is_in_the_registry",),
    "A5": (f"{ERC20}::test_the_token_contract_itself_is_never_a_recipient",),
    "A6": (f"{JUDGE}::test_provenance_can_only_narrow",),
    "S1": (f"{TYPED}::test_a_permit_is_an_approval_by_signature",),
    "S2": (f"{TYPED}::test_owner_chain_and_contract_must_be_ours_ours_and_registered",),
    "S3": (
        f"{JUDGE}::test_calls_and_typed_data_in_one_proposal_are_two_things_to_sign",
        f"{JUDGE}::test_an_authorization_denies",
        f"{TYPED}::test_a_token_without_permit_answers_nobody_knows_what",
    ),
    "C1": (
        f"{CHECK}::test_a_malformed_line_is_denied_with_the_reason_and_the_next_one_is_judged",
        f"{COMMAND}::test_each_line_gets_a_line_also_an_empty_one_and_one_without_an_end",
    ),
    "C2": (
        f"{CHECK}::test_windows_count_what_was_let_through_and_nothing_else",
        f"{CHECK}::test_time_does_not_run_back_not_even_behind_a_malformed_or_denied_line",
    ),
    "C3": (
        f"{LIMITS}::test_a_gas_limit_is_skipped_only_where_the_judgement_says_so",
        "judgement/test_timelock.py::test_where_it_is_not_held_it_is_reported_as_skipped",
    ),
    "C4": (
        f"{COMMAND}::test_a_policy_that_does_not_load_is_exit_2_and_no_output",
        f"{COMMAND}::test_a_book_or_prices_that_do_not_load_are_exit_2_and_no_output",
    ),
}


def test_every_marked_sentence_of_the_page_has_tests_and_every_mark_a_sentence() -> None:
    marks = re.findall(r"^- `([A-Z]\d+)` ", PAGE.read_text(), re.MULTILINE)
    assert len(marks) == len(set(marks))
    assert set(marks) == set(TESTS)


@pytest.mark.parametrize("mark", TESTS)
def test_the_tests_of_a_sentence_exist(mark: str) -> None:
    for named in TESTS[mark]:
        file, _, name = named.partition("::")
        tree = ast.parse((HERE / file).read_text())
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, named
