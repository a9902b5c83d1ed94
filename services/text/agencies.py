"""News agencies, which stand in many a story and are what few are about."""

from services.patterns import pattern

_NAMES = (
    "Agence France-Presse|Agência Brasil|Agência Lusa|Associated Press|Europa Press|Press Association|RIA Novosti|"
    "AFP|ANSA|AP|Anadolu|Belga|dpa|DPA|EFE|Interfax|Keystone-SDA|Lusa|NTB|Reuters|Ritzau|Tass|TASS|Ukrinform|"
    "Xinhua|Yonhap|Интерфакс|РИА Новости|Рейтер|ТАСС|Укрінформ|"
    "رويترز|فرانس برس|أسوشيتد برس|رویترز|ایرنا|ایسنا|רויטרס"
)
_UNSPACED = "新华社|新華社|路透社|法新社|美联社|美聯社|中新社|共同通信|時事通信|ロイター|연합뉴스|로이터|뉴시스"
AGENCY = pattern(rf"(?<!\w)(?:[وبل]?(?:{_NAMES}))(?!\w)|{_UNSPACED}")
