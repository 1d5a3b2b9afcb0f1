// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Keys as the openssl command writes them; none of them guards anything.
namespace samples {

inline constexpr const char* pkcs1_1024 = R"(-----BEGIN RSA PRIVATE KEY-----
MIICXAIBAAKBgQC1M/kRYG5VKiZUeOu10LrWVRuB4ZKgZaVBmRjn2u+jfoz0d/1e
xkGVbKkcWeYK80TSNDN+bJNi2iHgvLzpGYgQji/OIZh8eTcuzn5yEOYtbvbwd2y4
g+LmeMz/oFQatB7P9T16f7INNvWQdVqmM1M10QF7Hvny4mb9svdnZZcF3wIDAQAB
AoGAZ6iivCkRFRE2ui4ukWUl7QTk5okXa0CaqAsf70sUuc/kbNnTjQsXa5asq3ZW
Hj+KSEHqj1Eng25L4Re3bhXX+sGpWhydYB5NWTWYrukVJKZ2EjnYJ1KvA+50m07Q
x/g4wr9CVpZEEaAtdbFy57i7eQMm3BXoRuMexVJ/+zR14AECQQDlBHgmdPyGgUju
osm1y2328nU0gzsfo1QCakIOJTL9hGIP4xwYLvT1JF/N2gqMQpiSMYiu3N9Sl99p
EZOCXzXfAkEAyo1YFZhTvKzK1bEBLFnIJnnM/Wy1TYj6ocFjpyw+Wc7z6/gTjF+m
VrtOZGdCm22albsNAGumsEQuBOxITqIwAQJARwEWu12j+ZPV597iyRF0W48alZhm
WU3LOyB0sGwKHh3QRXq1eC3+1o5bgbgrcwcmxJTE+uoR90qNAsdnQ5F/YwJAf+5w
MQuJ8AQvBHMMq6d1TB/oAjST+onGyz2rJF5Eb1LQKzz/k8yh8evR4oZ5wlOirGl9
F8PmfzRA4KkgLlIwAQJBANcTTTE/IzO9VuD3OUrLGkXUhp4vOW9ahv5v2sgyd5gC
H16P/DJWzKlUlC4O2b1DZfstZ+kTnffTqOdnQtJAmHo=
-----END RSA PRIVATE KEY-----
)";

inline constexpr const char* pkcs1_512 = R"(-----BEGIN RSA PRIVATE KEY-----
MIIBOwIBAAJBANurcnpsUmyZuKsdNqlOkd6xJTbMJHvzpIt3Yra4mB9DHYE+qdte
GG8zYIZZEZvc8GgcJ2Ap+O9iAmffp6tfj4MCAwEAAQJAXcVqMOhcpw9XzXPDCbMI
gc+M2z95s4/mBcMI2IckKPNqjDkzKMo0BeN2a0GNlejqFHPKhDoYyWQAu4oXwX5m
QQIhAP4IK/VxhvTqEjXJdrnlyayZAVkA18jOh1pl73+Lpdm9AiEA3V8fvbE9b6cs
xGh6dMddkZPT4RzhoAcdeTu+o7xBgj8CIQCDHXCi9H+1tYLEpEFVXdcj8K0TZS37
BS4zaF2fNVLa+QIgS2A3Y5S1EY5/vMTCZX74yjfmnjECVkX18DC6oe/Y8msCIQCH
AGQfP71Izt1Z04GCVDzw10Tv+CZl1dksKIbXKB+eYQ==
-----END RSA PRIVATE KEY-----
)";

inline constexpr const char* pkcs1_three_primes = R"(-----BEGIN RSA PRIVATE KEY-----
MIICfQIBAQKBgQCyaFuYIWIKQl8QLbNihHuYv3sVInLiziRNaijeeppD120ENsny
W+QMq/x4ZOm0jA/igyJy7IthnLBhKHDcRTX6UbVqohZF4iC+bjR9Eycg4rKNMbe4
yuUUKVpBFWJt4CmgNd6R8Qs7hYOD0ITEPLPEdiZqK5t+b00C9dvN0/G0NwIDAQAB
AoGAN4fyEp05dfYIvvFqp5yTGA1p0z9AwUXm2M3VYMKKp9kzDp+7JhviFOunik8n
0rg21o7WbGgQ6NqCOU2xDURw50xjCLRAtcpNwNQ5jZLldbhKVQdKXKdndom9YL8E
epglkyd9HORTNUvMtIQRyFHiq3/n9TEZAOAhKVpIyq4+PakCKzFHr8xCErDb1HlS
PKY+tse6juHylRqIyjsNuc/wBIEBaPag9qyN8JNE2D8CKx2m0UyG7jdHmIlVrrdy
FEHit1QpY+IPKnvFZ8T76pvaLVKnzDdqhb/b/JcCKxTzWyPFe1jBPKWPdsVeqCpl
f9VDYmxzdzZ/8V0bt255APzJFdXqSjrx69UCKxAZg4sJuE5LkYb//t2cE2Oytdf8
oT8c/PQ3OyC5p6j3zaQTd86fCAAkcgECKxqCWyKgGri0SmZJPrrvsh1Ts1Hppf2i
6KGoyUKhwYAjOoOoKxgF7tH/Q9owgYowgYcCKx9Bi6TVYhtFXVs2fvMySoJnhtQz
wFm/PUA+87If1Pbh4xM3PtD2B8LX5l8CKweAQ3Mbgp/o1a6+NVlICHmjPshOYysm
qhxw/ysQWJunOkeySnD7moE4LyECKxPXY3VTxdDkX9oVnxIvpGMq1DL8n507ezjJ
kq3sp2hnCijlYBo/hjAMtO0=
-----END RSA PRIVATE KEY-----
)";

inline constexpr const char* pkcs8_ed25519 = R"(-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIBpJ7kW+/GwWyarxRvKdq6o+cn4YO/mh2aQOOF73Urwx
-----END PRIVATE KEY-----
)";

inline constexpr const char* pkcs8_ed25519_short = R"(-----BEGIN PRIVATE KEY-----
MC0CAQAwBQYDK2VwBCEEHwABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4=
-----END PRIVATE KEY-----
)";

inline constexpr const char* pkcs8_x25519 = R"(-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VuBCIEINDGEPgnGEfidZRNdi9RuQAwY0Ezr3GLd2gWqJHrGFRF
-----END PRIVATE KEY-----
)";

inline constexpr const char* pkcs8_encrypted = R"(-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiebioJZdVr4QICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEMlMi3/qAp1nEPwzHXAVyC4EgZAN
lHYKbqcNbmG861lZVbtPB/U+n6EXmQWa1eHenjjkVue5UKs27rOD/zF7jKjrNEEf
F4IR2RKCZG+yoQYj0MzZWvmeYV6imlzgTkgk2dNklUe7wu7dmgsltodrrVJUBjJY
BLRkYB/Ib7eGl5V8Qc9w8kgXRQrvw3dV1DTSh8007LJcNYQM9I89z9P5zF+Dw/I=
-----END ENCRYPTED PRIVATE KEY-----
)";

inline constexpr const char* pkcs8_p256 = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgy0QX7LrgMj4zRaEe
WSJsS1lchTfbQ0SjiC49Gk+i3w6hRANCAATrBbNjIWIEnj1anI2P0/4hD5zNeZES
TCI7KpYmy2UTeU3TJfOABXXID+Pu1mqjvq/+Ol3A6hWC9UCbDEB050b4
-----END PRIVATE KEY-----
)";

inline constexpr const char* pkcs8_rsa_1024 = R"(-----BEGIN PRIVATE KEY-----
MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBALUz+RFgblUqJlR4
67XQutZVG4HhkqBlpUGZGOfa76N+jPR3/V7GQZVsqRxZ5grzRNI0M35sk2LaIeC8
vOkZiBCOL84hmHx5Ny7OfnIQ5i1u9vB3bLiD4uZ4zP+gVBq0Hs/1PXp/sg029ZB1
WqYzUzXRAXse+fLiZv2y92dllwXfAgMBAAECgYBnqKK8KREVETa6Li6RZSXtBOTm
iRdrQJqoCx/vSxS5z+Rs2dONCxdrlqyrdlYeP4pIQeqPUSeDbkvhF7duFdf6wala
HJ1gHk1ZNZiu6RUkpnYSOdgnUq8D7nSbTtDH+DjCv0JWlkQRoC11sXLnuLt5Aybc
FehG4x7FUn/7NHXgAQJBAOUEeCZ0/IaBSO6iybXLbfbydTSDOx+jVAJqQg4lMv2E
Yg/jHBgu9PUkX83aCoxCmJIxiK7c31KX32kRk4JfNd8CQQDKjVgVmFO8rMrVsQEs
Wcgmecz9bLVNiPqhwWOnLD5ZzvPr+BOMX6ZWu05kZ0KbbZqVuw0Aa6awRC4E7EhO
ojABAkBHARa7XaP5k9Xn3uLJEXRbjxqVmGZZTcs7IHSwbAoeHdBFerV4Lf7WjluB
uCtzBybElMT66hH3So0Cx2dDkX9jAkB/7nAxC4nwBC8Ecwyrp3VMH+gCNJP6icbL
PaskXkRvUtArPP+TzKHx69HihnnCU6KsaX0Xw+Z/NEDgqSAuUjABAkEA1xNNMT8j
M71W4Pc5SssaRdSGni85b1qG/m/ayDJ3mAIfXo/8MlbMqVSULg7ZvUNl+y1n6ROd
99Oo52dC0kCYeg==
-----END PRIVATE KEY-----
)";

inline constexpr const char* public_p256 = R"(-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE6wWzYyFiBJ49WpyNj9P+IQ+czXmR
EkwiOyqWJstlE3lN0yXzgAV1yA/j7tZqo76v/jpdwOoVgvVAmwxAdOdG+A==
-----END PUBLIC KEY-----
)";

inline constexpr const char* sec1_compressed = R"(-----BEGIN EC PRIVATE KEY-----
MFcCAQEEIMtEF+y64DI+M0WhHlkibEtZXIU320NEo4guPRpPot8OoAoGCCqGSM49
AwEHoSQDIgAC6wWzYyFiBJ49WpyNj9P+IQ+czXmREkwiOyqWJstlE3k=
-----END EC PRIVATE KEY-----
)";

inline constexpr const char* sec1_encrypted = R"(-----BEGIN EC PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-128-CBC,18BB44D3FC2CEAFBC836E788A898E937

NI3Y9kJRZK4SqqEHhyM+g8NZu7dZT4FN1H6kqfmpUuOQN86JRo8kWE7L2Lqp07Zf
u7tTkhhUFrKccZFUNl5J+jondEPEGHcoMp3Q3BMNCVnnIq+UtYYurU6cYolubLCV
g4R0wiJ++f/vyr+OfM1fmFrJeqtIXCrs0vmGkAz9Sz8=
-----END EC PRIVATE KEY-----
)";

inline constexpr const char* sec1_explicit = R"(-----BEGIN EC PRIVATE KEY-----
MIIBaAIBAQQgy0QX7LrgMj4zRaEeWSJsS1lchTfbQ0SjiC49Gk+i3w6ggfowgfcC
AQEwLAYHKoZIzj0BAQIhAP////8AAAABAAAAAAAAAAAAAAAA////////////////
MFsEIP////8AAAABAAAAAAAAAAAAAAAA///////////////8BCBaxjXYqjqT57Pr
vVV2mIa8ZR0GsMxTsPY7zjw+J9JgSwMVAMSdNgiG5wSTamZ44ROdJreBn36QBEEE
axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54W
K84zV2sxXs7LtkBoN79R9QIhAP////8AAAAA//////////+85vqtpxeehPO5ysL8
YyVRAgEBoUQDQgAE6wWzYyFiBJ49WpyNj9P+IQ+czXmREkwiOyqWJstlE3lN0yXz
gAV1yA/j7tZqo76v/jpdwOoVgvVAmwxAdOdG+A==
-----END EC PRIVATE KEY-----
)";

inline constexpr const char* sec1_k256 = R"(-----BEGIN EC PRIVATE KEY-----
MHQCAQEEIEwDlMgcIGw5+zxUOznKex/xerNl29CpicIXV8zHd+f1oAcGBSuBBAAK
oUQDQgAEaSpZOHSsYRmZEAoZ33Ni7hnEwjJPIW4zvZEpWuVil4kpJyBmZiRkn+FR
CmJ9YTc4ydDjHDAAxsgIQ6dVqFHIPw==
-----END EC PRIVATE KEY-----
)";

inline constexpr const char* sec1_no_public = R"(-----BEGIN EC PRIVATE KEY-----
MDECAQEEIMtEF+y64DI+M0WhHlkibEtZXIU320NEo4guPRpPot8OoAoGCCqGSM49
AwEH
-----END EC PRIVATE KEY-----
)";

inline constexpr const char* sec1_p224 = R"(-----BEGIN EC PRIVATE KEY-----
MGgCAQEEHM+2mWmHj9e7fzVIxHN7dgsaHd1fKmtyGRBIWjqgBwYFK4EEACGhPAM6
AASKYYe3P2zLIzEkdK5F0cR7dtGikTURhLGYcRWe6n3bzXOFFf5KwUugLGddwG4B
lM00OOtClRW/bw==
-----END EC PRIVATE KEY-----
)";

inline constexpr const char* sec1_p521 = R"(-----BEGIN EC PRIVATE KEY-----
MIHcAgEBBEIBOJ7AAivd8MEYGBlnBAdN/alQyAqZmpgPlqnEHAGgGlLdGeegiCIW
VmVfDxkRrpHw6f69Z51Oe5mlg6/E8+bFdoCgBwYFK4EEACOhgYkDgYYABADtp+aH
mdVOMmoAgLeUMWwShz5cf+7TapRV7Dx6RXxPSUmWXTZuP0zBdurT1ahG7HjbBHyj
D5evtLgqmbnL111oEgGUePO3TMr7EnOowV/lOv+gHENtpqisINUMGSmthQhDe0b8
ikJyUikvVqbepfjyxJP9ddgb9r1Lm5uEh24VrY/Rlw==
-----END EC PRIVATE KEY-----
)";

inline constexpr const char* sec1_with_parameters = R"(-----BEGIN EC PARAMETERS-----
BggqhkjOPQMBBw==
-----END EC PARAMETERS-----
-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIMtEF+y64DI+M0WhHlkibEtZXIU320NEo4guPRpPot8OoAoGCCqGSM49
AwEHoUQDQgAE6wWzYyFiBJ49WpyNj9P+IQ+czXmREkwiOyqWJstlE3lN0yXzgAV1
yA/j7tZqo76v/jpdwOoVgvVAmwxAdOdG+A==
-----END EC PRIVATE KEY-----
)";

}  // namespace samples
