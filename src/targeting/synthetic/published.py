"""What the Department for Education published of referrals in Bradford, year by year to 31 March."""

from collections.abc import Mapping
from types import MappingProxyType

# Local Authority Interactive Tool: referrals per 10,000 children; of them, per cent closed with no further action, and
# per cent assessed and found not in need.
REFERRALS: Mapping[int, float] = MappingProxyType(
    {
        2016: 395.3,
        2017: 457.4,
        2018: 535.4,
        2019: 614.9,
        2020: 697.4,
        2021: 757.8,
        2022: 861.2,
        2023: 655.0,
        2024: 630.2,
        2025: 522.9,
    }
)
NOT_ASSESSED: Mapping[int, float] = MappingProxyType(
    {2016: 3.7, 2017: 3.0, 2018: 5.5, 2019: 10.1, 2020: 7.9, 2021: 2.5, 2022: 4.4, 2023: 1.9, 2024: 3.7, 2025: 11.2}
)
NOT_IN_NEED: Mapping[int, float] = MappingProxyType(
    {2020: 22.7, 2021: 30.2, 2022: 42.1, 2023: 34.2, 2024: 34.9, 2025: 27.1}
)
