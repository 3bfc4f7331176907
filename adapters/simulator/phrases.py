"""The words of simulated news. Written for this project; no sentence is a publisher's.

Placeholders: {asset} Bitcoin, {ticker} BTC, {price} a price in dollars, {percent} a number, {million} a number,
{venue} an invented company.
"""

VENUES = (
    "Northgate Exchange", "Harbor Custody", "Lumen Payments", "Ridgeway Capital", "Copperfield Bank", "Tideline Labs",
    "Bluefin Research", "Meridian Trust", "Oakline Partners", "Polar Ventures",
)  # fmt: skip

AUTHORS = (
    "Mira Holt", "Jonas Feld", "Adaeze Obi", "Priya Raman", "Tomás Reyes", "Lena Sorensen", "Kenji Mori", "Ruth Adler",
)  # fmt: skip

POSITIVE = (
    "{asset} surges {percent}% as buyers return and optimism grows",
    "{venue} adopts {asset} for settlement in a major win for holders",
    "{asset} rallies past ${price} on strong demand",
    "Record inflows boost {asset} as confidence improves",
    "{asset} upgrade succeeds and fees drop, developers celebrate",
    "{venue} raises its {ticker} target after impressive growth",
    "Institutions are bullish on {asset}, {venue} survey finds",
    "{asset} gains {percent}% and beats the wider market",
)

NEGATIVE = (
    "{asset} plunges {percent}% as fear spreads among traders",
    "{venue} reports theft of ${million} million in {asset} after an exploit",
    "{asset} slumps below ${price} on weak demand",
    "Heavy outflows hit {asset} as losses mount",
    "{asset} network suffers an outage, users complain of failed transfers",
    "{venue} cuts its {ticker} target and warns of worse to come",
    "Regulator sues {venue} over {asset} sales, shares crash",
    "{asset} liquidations reach ${million} million in a brutal sell-off",
)

NEUTRAL = (
    "{asset} trades near ${price} ahead of the weekly close",
    "{venue} publishes its monthly {asset} reserve report",
    "What to know about the next {asset} software release",
    "{venue} lists a new {ticker} pair on Monday",
    "{asset} volume is unchanged from last week, data show",
    "Explainer: how {asset} fees are calculated",
    "{venue} moves {asset} between its own wallets",
    "{asset} developers schedule a call for next week",
)

POSITIVE_SENTENCES = (
    "Traders described the mood as the best in months, with strong bids on every dip.",
    "{asset} outperformed most large tokens and held its gains into the close.",
    "Analysts at {venue} called the advance healthy, because it was driven by spot buyers and not by leverage.",
    "New addresses on the network rose by {percent}%, a good sign of growing use.",
    "Funds that hold {ticker} saw inflows of ${million} million, the best week of the quarter.",
    "The improvement was welcomed by merchants, who now pay lower fees and enjoy faster settlement.",
    "Long-term holders kept their coins, which supporters see as a sign of confidence.",
)

NEGATIVE_SENTENCES = (
    "Traders described the mood as fearful, with thin bids and sharp drops after every bounce.",
    "{asset} underperformed most large tokens and gave up earlier gains before the close.",
    "Analysts at {venue} called the decline worrying, because it was driven by forced selling.",
    "Active addresses on the network fell by {percent}%, a bad sign for demand.",
    "Funds that hold {ticker} lost ${million} million to withdrawals, the worst week of the quarter.",
    "The failure angered users, some of whom reported losses and long delays.",
    "Large holders sent coins to exchanges, which critics see as a warning of more losses.",
)

NEUTRAL_SENTENCES = (
    "{ticker} changed hands at about ${price} when this report was written.",
    "{venue} did not say when it would publish further figures.",
    "Order books were about as deep as a week ago, on both sides.",
    "Open interest in {ticker} futures stood at ${million} million.",
    "The next scheduled event for the {asset} network is a developers' call.",
    "A spokesperson for {venue} said that the company follows its usual procedures.",
    "Turnover on the largest venues was within {percent}% of its monthly average.",
)

DISCLAIMER = (
    "This article is simulated. The people, the companies and the events in it do not exist, and its prices are those "
    "of a simulated market."
)
