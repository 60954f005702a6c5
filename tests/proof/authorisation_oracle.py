"""Who may do what, written from the documents alone (api/openapi.yaml, policies/ministry.toml, docs/threat-model.md), not from src/.

An operation's answer for one caller is one of
  ANY      it is public
  SIGN_IN  401: nobody is known, or a page that is not ours sent it
  REFUSED  404: not there or not allowed, which read the same
  REACHED  the route looks at what it was sent
"""
import dataclasses
import typing

ANY, SIGN_IN, REFUSED, REACHED = "any", "sign in", "refused", "reached"

PUBLIC = {"healthz", "signIn", "checkSetup", "setUp"}
SIGNED_IN = {"getSession", "signOut", "changePassword", "listGroups", "listShelves", "getShelf", "labelShelf", "listDocuments", "getDocument", "listVersions",
             "watchDocument", "getPageImage", "listPassages", "search", "listCatalog", "listKeys", "makeKey", "revokeKey"}
AUTHOR = {"createShelf", "deleteShelf", "restoreDocument"}
OPERATOR = {"addGroup", "health", "listRatings", "listUsers", "createUser", "changeUser", "listUserKeys", "revokeUserKey", "storage", "speed", "modelDesk", "makePasswordLink",
            "fetchModel", "verifyModel", "chooseModel"}
AGREEING = {"listOpenings", "approveOpening"}  # Auditors and operators.
AUDITOR = {"askOpening", "readOpening", "listEntries", "exportEntries", "verifyAudit"}
OFFICIAL = {"addDocument", "deleteDocument", "replaceDocument", "makeAttachments", "retryDocument", "listConversations", "searchConversations", "getConversation",
            "changeConversation", "deleteConversation", "restoreConversation", "listTurns", "exportConversation", "makeFolder", "renameFolder", "deleteFolder", "ask",
            "watchTurn", "exportTurn", "stopTurn", "rateTurn", "clearRating", "openaiModels", "openaiModel", "openaiChat", "openaiCompletion", "openaiEmbeddings"}
OF_ROLE = {"author": AUTHOR, "operator": OPERATOR, "auditor": AUDITOR, "official": OFFICIAL}
KNOWN = PUBLIC | SIGNED_IN | AGREEING | AUTHOR | OPERATOR | AUDITOR | OFFICIAL
# What a person does at the page: never a program with a key.
OF_PERSONS = {"signOut", "changePassword", "listKeys", "makeKey", "revokeKey"}
# What shows words of a text, not only that there is one: these are releases to the screen.
RELEASES = {"listPassages", "getPageImage", "getConversation", "listTurns", "watchTurn"}
EXPORTS = {"exportConversation", "exportTurn"}

SCREEN_UP_TO, KEY_UP_TO, EXPORT_UP_TO = 3, 2, 1
FORBIDDEN_TO_KEYS = {"転送禁止", "関係者限り"}
FORBIDDEN_TO_EXPORT = {"複製禁止", "転送禁止"}


@dataclasses.dataclass(frozen=True)
class Person:
    name: str
    roles: frozenset
    clearance: int
    groups: frozenset
    suspended: bool = False


@dataclasses.dataclass(frozen=True)
class Credential:
    kind: str  # none, key, session
    holds: bool = True
    csrf: bool = True  # The page's token beside the cookie.
    shelves: typing.Optional[frozenset] = None  # A key that is bound.


@dataclasses.dataclass(frozen=True)
class Target:
    kind: str  # shelf, document, conversation, turn, folder, key, user, model, nothing
    owner: typing.Optional[str] = None  # Whoever alone may see it.
    shelf: typing.Optional[str] = None
    level: int = 1
    groups: typing.Optional[frozenset] = None
    handling: frozenset = frozenset()


def role_admits(operation, roles, credential):
    if credential.shelves is not None:
        roles = roles & {"official"}
    return operation in SIGNED_IN | AGREEING or any(operation in operations for role, operations in OF_ROLE.items() if role in roles)


def readable(person, credential, target):
    if target.kind in ("user", "model"):
        return True
    if target.kind == "nothing" or (target.owner is not None and target.owner != person.name):
        return False
    if target.level > person.clearance or (target.groups is not None and not target.groups & person.groups):
        return False
    return credential.shelves is None or target.shelf is None or target.shelf in credential.shelves


def released(operation, credential, target):
    if operation in EXPORTS:
        return target.level <= EXPORT_UP_TO and not target.handling & FORBIDDEN_TO_EXPORT
    by_key = credential.kind == "key"
    return target.level <= SCREEN_UP_TO and not (by_key and (target.level > KEY_UP_TO or target.handling & FORBIDDEN_TO_KEYS))


def answer(operation, reads, person, credential, target):
    """What the caller gets. `reads`: it is a GET; `target`: what the path names, if anything."""
    if operation in PUBLIC:
        return ANY
    if credential.kind == "none" or not credential.holds or person.suspended:
        return SIGN_IN
    if not role_admits(operation, person.roles, credential) or (operation in OF_PERSONS and credential.kind != "session"):
        return REFUSED
    if not reads and credential.kind == "session" and not credential.csrf:
        return SIGN_IN
    if operation in AGREEING and (credential.shelves is not None or not person.roles & {"auditor", "operator"}):
        return REFUSED
    if target is None:
        return REACHED
    if operation == "stopTurn" and target.owner == person.name:
        return REACHED  # It shows nothing: one's own answer may be stopped whatever one may read by then.
    if not readable(person, credential, target):
        return REFUSED
    if operation in RELEASES | EXPORTS and not released(operation, credential, target):
        return REFUSED
    if operation == "deleteDocument" and target.owner != person.name and ("author" not in person.roles or credential.shelves is not None):
        return REFUSED
    if operation == "labelShelf" and (target.owner is not None or credential.shelves is not None or not person.roles & {"author", "operator"}):
        return REFUSED
    return REACHED
