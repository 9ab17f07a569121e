#!/usr/bin/env python3
"""Writes signatures.json next to itself, without any code of this module.

Each case shows the text that is signed, and so the rule it tests.
Run it again after changing a case: python3 signatures.py
"""
import base64, hashlib, hmac, json, pathlib

TOKEN = "0123456789abcdef0123456789abcdef"
HOST = "https://pay.example.com"
EVENT = {
    "AccountSid": ["AC0123456789abcdef0123456789abcdef"],
    "CallSid": ["CA0123456789abcdef0123456789abcdef"],
    "Sid": ["PK0123456789abcdef0123456789abcdef"],
    "Result": ["success"],
    "PaymentToken": [""],
}
JSON = '{"event":"x","n":1}'
HASH = hashlib.sha256(JSON.encode()).hexdigest()


def sign(text, token=TOKEN):
    digest = hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def tail(params):
    """The signed text after the URL, computed without a library."""
    return "".join(k + v for k in sorted(params) for v in sorted(set(params[k])))


cases = []


def case(name, url, params=None, signed=None, body=None, valid=True, token=TOKEN, signature=None):
    text = (signed or url) + ("" if body is not None else tail(params or {}))
    cases.append({
        "name": name, "url": url, "token": TOKEN, "params": params, "body": body,
        "signature": sign(text, token) if signature is None else signature,
        "valid": valid, "as_written": signed is None,
    })


U = HOST + "/status?order=42"
case("event", U, EVENT)
case("no parameters", U, {})
case("no path", HOST, EVENT)
case("query straight after host", HOST + "?order=42", EVENT)
case("empty query", HOST + "/status?", EVENT)
case("http", "http://pay.example.com/status", EVENT)
case("default port written, signed with it", HOST + ":443/status", EVENT)
case("default port written, signed without", HOST + ":443/status", EVENT, HOST + "/status")
case("no port written, signed with default", HOST + "/status", EVENT, HOST + ":443/status")
case("http, no port written, signed with default", "http://pay.example.com/status", EVENT, "http://pay.example.com:80/status")
case("other port written, signed without", HOST + ":8443/status", EVENT, HOST + "/status")
case("other port written, signed with default", HOST + ":8443/status", EVENT, HOST + ":443/status")
case("no port written, signed with another", HOST + "/status", EVENT, HOST + ":8443/status", valid=False)
case("https signed with port of http", HOST + "/status", EVENT, HOST + ":80/status", valid=False)
case("IPv6 host", "https://[2001:db8::1]/status", EVENT)
case("IPv6 host with port, signed without", "https://[2001:db8::1]:8443/status", EVENT, "https://[2001:db8::1]/status")
case("IPv6 host, signed with default port", "https://[2001:db8::1]/status", EVENT, "https://[2001:db8::1]:443/status")
case("user info", "https://user:p%40ss@pay.example.com/status", EVENT)
case("user info, signed with default port", "https://user:pass@pay.example.com/status", EVENT, "https://user:pass@pay.example.com:443/status")
case("user info dropped", "https://user:pass@pay.example.com/status", EVENT, HOST + "/status", valid=False)
case("host in mixed case", "https://Pay.Example.com/status", EVENT)
case("host in mixed case, signed in lower case", "https://Pay.Example.com/status", EVENT, HOST + "/status")
case("path missing, signed with slash", HOST + "?a=1", EVENT, HOST + "/?a=1")
for name, arrives, signed, valid in [
    ("apostrophe arrives escaped", "/s?n=O%27Hara", "/s?n=O'Hara", True),
    ("at sign in query, signed escaped", "/s?n=jane@x", "/s?n=jane%40x", True),
    ("plus in query, signed as %20", "/s?n=a+b", "/s?n=a%20b", True),
    ("bar and colon in query, signed escaped", "/s?n=a|b:c", "/s?n=a%7Cb%3Ac", True),
    ("escapes in lower case, signed in upper case", "/s?n=%c3%a9", "/s?n=%C3%A9", True),
    ("beyond ASCII in path, signed escaped", "/caf\u00e9?n=1", "/caf%C3%A9?n=1", True),
    ("beyond ASCII in query, signed escaped", "/s?n=\u00e9", "/s?n=%C3%A9", True),
    ("dot segments in path, signed without", "/a/../s?n=1", "/s?n=1", True),
    ("only a name in query, signed with equals sign", "/s?n", "/s?n=", True),
    ("values of one name apart, signed together", "/s?b=1&a=2&b=3", "/s?b=1&b=3&a=2", True),
    ("integer names, signed in order", "/s?x=0&10=a&9=b", "/s?9=b&10=a&x=0", True),
    ("escaped in query, signed unescaped", "/s?n=jane%40x", "/s?n=jane@x", False),
    ("escapes in path in lower case, signed in upper case", "/%c3%a9", "/%C3%A9", False),
    ("escaped slash in path, signed as slash", "/a%2Fb", "/a/b", False),
    ("value of query changed", "/s?n=jane@x", "/s?n=jane%40y", False),
    ("pair of query left out", "/s?n=a+b&m=1", "/s?n=a%20b", False),
    ("query that is not UTF-8, signed as replaced", "/s?n=%FF+", "/s?n=%EF%BF%BD%20", False),
    ("pairs beyond the limit left out", "/s?" + "n+=1&" * 1000 + "evil=1", "/s?" + "&".join(["n%20=1"] * 1000), False),
]:
    case(name, HOST + arrives, EVENT, HOST + signed, valid=valid)
case("scheme differs", "http://pay.example.com/status", EVENT, HOST + "/status", valid=False)
case("trailing slash differs", HOST + "/status/", EVENT, HOST + "/status", valid=False)
case("escaped path kept", HOST + "/a%2Fb%20c/status", EVENT)
case("escaped path decoded", HOST + "/a%2Fb/status", EVENT, HOST + "/a/b/status", valid=False)
case("apostrophe in query, signed escaped", HOST + "/status?name=O'Neil&x='", EVENT, HOST + "/status?name=O%27Neil&x=%27")
case("apostrophe in query, signed escaped with port", HOST + "/status?name=O'Neil", EVENT, HOST + ":443/status?name=O%27Neil")
case("apostrophe in query, signed as written", HOST + "/status?name=O'Neil", EVENT)
case("apostrophe in path, signed as written", HOST + "/o'neil/status", EVENT)
case("apostrophe in path is not escaped", HOST + "/o'neil/status", EVENT, HOST + "/o%27neil/status", valid=False)
case("order of query is kept", HOST + "/status?b=2&a=1", EVENT, HOST + "/status?a=1&b=2", valid=False)
case("fragment is not signed", HOST + "/status?order=42#rc=3&rp=all", EVENT, U)
case("keys that begin alike", U, {"Reason": ["Participant"], "ReasonConferenceEnded": ["test"], "Reaso": ["nZ"]})
case("keys sorted by byte", U, {"b": ["1"], "B": ["2"], "a": ["3"], "_": ["4"], "é": ["5"]})
case("repeated key, distinct values sorted", U, {"Digits": ["5678", "1234", "1234", "12"]})
case("repeated key, only first value", U, {"Digits": ["5678", "1234"]}, valid=False, signature=sign(U + "Digits5678"))
case("repeated key, values as they come", U, {"Digits": ["5678", "1234"]}, valid=False, signature=sign(U + "Digits5678Digits1234"))
case("repeated key, duplicates kept", U, {"Digits": ["1", "1"]}, valid=False, signature=sign(U + "Digits1Digits1"))
case("values are not trimmed", U, {"Name": [" Ann  "], " Key ": ["v"]})
case("values trimmed", U, {"Name": [" Ann  "]}, valid=False, signature=sign(U + "NameAnn"))
case("reserved characters in values", U, {"Text": ["a&b=c;d%20+e/f?g#h\"'\\\r\n\t"], "Mail": ["a@b.example"]})
case("text beyond ASCII", U, {"Text": ["ñ€漢字🙂"]})
case("value changed", U, {"Result": ["success"]}, valid=False, signature=sign(U + "Resultvalidation-error"))
case("parameter added", U, {"Result": ["success"], "X": ["1"]}, valid=False, signature=sign(U + "Resultsuccess"))
case("another token", U, EVENT, token="f" * 32, valid=False)
case("empty token", U, EVENT, token="", valid=False)
case("signature in lower case", U, EVENT, valid=False, signature=sign(U + tail(EVENT)).lower())
case("signature without padding", U, EVENT, valid=False, signature=sign(U + tail(EVENT)).rstrip("="))
case("signature empty", U, EVENT, valid=False, signature="")
J = HOST + "/status?order=42&bodySHA256="
case("JSON", J + HASH, body=JSON)
case("JSON, hash in upper case", J + HASH.upper(), body=JSON)
case("JSON, hash not last", HOST + "/status?bodySHA256=" + HASH + "&order=42", body=JSON)
case("JSON, signed with default port", J + HASH, signed=J.replace(".com/", ".com:443/") + HASH, body=JSON)
case("JSON changed", J + HASH, body=JSON + " ", valid=False)
case("JSON gone", J + HASH, body="", valid=False)
case("JSON, hash cut short", J + HASH[:-1], body=JSON, valid=False)
case("JSON, hash empty", J, body=JSON, valid=False)
case("JSON without hash", U, body=JSON, valid=False)

out = pathlib.Path(__file__).with_name("signatures.json")
out.write_text(json.dumps(cases, indent=1, ensure_ascii=True) + "\n")
