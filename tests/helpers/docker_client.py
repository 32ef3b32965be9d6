"""The Docker SDK as a client of docker-credential-tresor, found in the search path."""

import os
import sys

from docker import auth
from docker.credentials import CredentialsNotFound, Store, StoreError

store = Store("tresor", environment=dict(os.environ))
if sys.argv[1:] == ["locked"]:
    try:
        store.get("registry.example:5000")
    except CredentialsNotFound:
        sys.exit("a locked vault is not the same as no login")
    except StoreError as error:
        assert "the vault is locked" in str(error), error
        sys.exit(0)
    sys.exit("a locked vault gave something")

HUB = "https://index.docker.io/v1/"
try:
    store.get(HUB)
    sys.exit("there is a login already")
except CredentialsNotFound:
    pass
store.store(HUB, "me", 'p"w\\d\u00e9\n')
store.store("registry.example:5000", "<token>", "identity")
assert store.get(HUB) == {"ServerURL": HUB, "Username": "me", "Secret": 'p"w\\d\u00e9\n'}, store.get(HUB)
assert store.list() == {HUB: "me", "registry.example:5000": "<token>"}, store.list()

config = auth.AuthConfig({"credsStore": "tresor"}, credstore_env=dict(os.environ))
assert config.resolve_authconfig()["Password"] == 'p"w\\d\u00e9\n'
assert config.resolve_authconfig("registry.example:5000")["IdentityToken"] == "identity"

store.store(HUB, "other", "new")
assert store.get(HUB)["Username"] == "other" and store.list()[HUB] == "other"
store.erase(HUB)
try:
    store.get(HUB)
    sys.exit("it is still there")
except CredentialsNotFound:
    pass
assert store.list() == {"registry.example:5000": "<token>"}
