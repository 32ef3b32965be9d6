"""The AWS SDK as a client of credential_process: prints what it took, or why it took nothing."""

import sys

from botocore.exceptions import CredentialRetrievalError
from botocore.session import Session

try:
    keys = Session(profile=sys.argv[1]).get_credentials()
    frozen = keys.get_frozen_credentials()
    print(keys.method, type(keys).__name__, frozen.access_key, frozen.secret_key, frozen.token)
except CredentialRetrievalError as error:
    print(error)
    sys.exit(1)
