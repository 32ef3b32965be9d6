//! What the manual pages show of each command, and which pages are near. Every line is checked against the
//! arguments.

/// What it does, and how it is called.
type Example = (&'static str, &'static str);

/// The words of a command, and its examples.
#[rustfmt::skip]
const EXAMPLES: &[(&str, &[Example])] = &[
    ("", &[
        ("Make a vault, put a token into it, and use it:", "tresor init\ntresor set project:shop:prod/stripe_key\ntresor run --scope project:shop:prod -- ./server"),
        ("Look at everything on the screen:", "tresor"),
    ]),
    ("init", &[
        ("A vault with a passphrase, and a recovery code on paper:", "tresor init --recovery-out code.txt"),
        ("A vault for a server, which its key file opens:", "tresor init --key-file /etc/tresor/key"),
    ]),
    ("set", &[
        ("A value from a prompt, which nobody sees:", "tresor set global/github_token --url https://github.com"),
        ("A value from another program:", "openssl rand -hex 32 | tresor set project:shop/session_key --chomp"),
        ("A new password, with a reminder:", "tresor set global/router --generate --expires 365d"),
    ]),
    ("meta", &[("Say where a token is used, and until when:", "tresor meta global/github_token --url https://github.com --expires 90d")]),
    ("get", &[("Everything about a secret, with its value:", "tresor get global/github_token --reveal")]),
    ("read", &[("A token for one request:", "curl -H \"Authorization: Bearer $(tresor read global/api_token)\" https://api.example"), ("A field beside the value:", "tresor read 'tresor://global/github_token?field=username'")]),
    ("copy", &[("Copy a password, and clear the clipboard after ten seconds:", "tresor copy global/router --clear-after 10s")]),
    ("list", &[("What stops working within a month:", "tresor list --expiring 30d"), ("The names of a scope, for a program:", "tresor list project:shop:prod --json")]),
    ("find", &[("Letters may be left out:", "tresor find strkey")]),
    ("delete", &[("Move two secrets to the trash, at once:", "tresor delete global/old project:shop old")]),
    ("trash", &[("What can be brought back:", "tresor trash")]),
    ("restore", &[("Bring back what was deleted:", "tresor restore global/old"), ("Go back to an earlier value:", "tresor restore global/router --revision 3")]),
    ("purge", &[("Empty the trash:", "tresor purge --all")]),
    ("history", &[("The kept values of a secret:", "tresor history global/router")]),
    ("log", &[("Who read a secret:", "tresor log --secret global/github_token"), ("See whether records are missing:", "tresor log --verify")]),
    ("move", &[("Give a secret another scope:", "tresor move global/stripe_key project:shop:prod/stripe_key")]),
    ("edit", &[("Change a value in place:", "tresor edit global/notes")]),
    ("generate", &[("A passphrase of six words:", "tresor generate --words 6"), ("A token of 32 bytes:", "tresor generate --token 32 --hex")]),
    ("otp", &[("The code of a second factor:", "tresor otp global/github_totp")]),
    ("profile add", &[
        ("Sign in at GitHub, in a browser or by a code:", "tresor profile add github --provider github"),
        ("Keep a key that does not end:", "tresor profile add claude --provider anthropic --flow api_key"),
    ]),
    ("profile list", &[("All profiles, and how they are:", "tresor profile list")]),
    ("profile show", &[("One profile:", "tresor profile show github")]),
    ("profile refresh", &[("Get new tokens now:", "tresor profile refresh github")]),
    ("profile health", &[("What needs attention:", "tresor profile health")]),
    ("profile revoke", &[("Take the tokens back:", "tresor profile revoke github")]),
    ("profile remove", &[("Remove a profile that is not used any more:", "tresor profile remove github")]),
    ("profile order", &[("Use one before the other:", "tresor profile order work private")]),
    ("profile providers", &[("Whom a profile can be made for:", "tresor profile providers")]),
    ("token", &[("A token that is valid now:", "curl -H \"$(tresor token github --header)\" https://api.github.com/user")]),
    ("run", &[("A server with all secrets of an environment:", "tresor run --scope project:shop:prod -- ./server"), ("One secret under a name of your own:", "tresor run --env DATABASE_URL=project:shop:prod/db -- psql")]),
    ("import", &[("See first, then import:", "tresor import dotenv .env --scope project:shop:dev --dry-run\ntresor import dotenv .env --scope project:shop:dev")]),
    ("demo", &[("Look around without a vault:", "tresor demo")]),
    ("doctor", &[("Check the vault, and mend permissions:", "tresor doctor\ntresor doctor --fix")]),
    ("migrate", &[("Keep the envelopes in the desktop's keyring:", "tresor migrate --to linux_secret_service")]),
    ("keys list", &[("What opens the vault:", "tresor keys list")]),
    ("keys add passphrase", &[("Another passphrase:", "tresor keys add passphrase")]),
    ("keys add recovery", &[("A code for the safe:", "tresor keys add recovery")]),
    ("keys add key-file", &[("A key file for a server:", "tresor keys add key-file /etc/tresor/key")]),
    ("keys add keyring", &[("Open with the desktop's keyring:", "tresor keys add keyring")]),
    ("keys remove", &[("Remove the only key file:", "tresor keys remove key_file")]),
    ("keys rotate", &[("Replace the vault key:", "tresor keys rotate")]),
    ("passwd", &[("Change the passphrase:", "tresor passwd")]),
    ("unlock", &[("Ask once for an hour's work:", "tresor unlock --for 1h")]),
    ("lock", &[("Forget it at once:", "tresor lock")]),
    ("git-credential", &[
        ("Have git ask tresor, and tell it what it learns:", "git config --global credential.helper '!tresor git-credential'"),
        ("In one repository, from a scope of its own, by the whole path:", "git config credential.helper '!tresor git-credential --scope project:shop'\ngit config credential.useHttpPath true"),
        ("A token for it, put there by hand:", "tresor set global/github_token --url https://github.com --username octocat"),
        ("What git would be told:", "printf 'protocol=https\\nhost=github.com\\n' | tresor git-credential get"),
    ]),
    ("docker-credential", &[
        ("A helper is a program of that name in the search path:", "ln -s \"$(command -v tresor)\" ~/.local/bin/docker-credential-tresor"),
        ("In ~/.docker/config.json:", "{\"credsStore\": \"tresor\"}"),
        ("What docker has stored:", "tresor docker-credential list"),
    ]),
    ("aws-credential", &[
        ("In ~/.aws/config:", "[profile shop]\ncredential_process = tresor -q aws-credential project:shop:prod"),
        ("The keys it takes:", "tresor set project:shop:prod/aws_access_key_id\ntresor set project:shop:prod/aws_secret_access_key"),
    ]),
    ("completions", &[
        ("For bash:", "tresor completions bash > ~/.local/share/bash-completion/completions/tresor"),
        ("For zsh, in a directory of $fpath:", "tresor completions zsh > ~/.zfunc/_tresor"),
        ("For fish:", "tresor completions fish > ~/.config/fish/completions/tresor.fish"),
        ("For PowerShell, in $PROFILE:", "tresor completions powershell | Out-String | Invoke-Expression"),
    ]),
    ("man", &[
        ("Read a page without installing it:", "tresor man run | man -l -"),
        ("Install all of them:", "tresor man --out ~/.local/share/man/man1"),
    ]),
];

/// Pages that go with a page, as NAME or NAME(SECTION.
const NEAR: &[(&str, &[&str])] = &[
    ("", &["tresor-init", "tresor-set", "tresor-run", "tresor-keys", "tresor-doctor"]),
    ("set", &["tresor-meta", "tresor-generate"]),
    ("get", &["tresor-read", "tresor-copy"]),
    ("read", &["tresor-get", "tresor-copy", "tresor-run"]),
    ("run", &["tresor-read", "tresor-token"]),
    ("token", &["tresor-profile"]),
    ("delete", &["tresor-trash", "tresor-restore", "tresor-purge"]),
    ("restore", &["tresor-trash", "tresor-history"]),
    ("unlock", &["tresor-lock"]),
    ("lock", &["tresor-unlock"]),
    ("git-credential", &["gitcredentials(7)", "git-credential(1)"]),
    ("docker-credential", &["docker-login(1)"]),
    ("man", &["man(1)"]),
];

/// The examples of the command with these words; the main page has none.
pub fn of(words: &str) -> &'static [Example] {
    EXAMPLES.iter().find(|(name, _)| *name == words).map_or(&[], |(_, examples)| examples)
}

/// The pages near that of the command with these words.
pub fn near(words: &str) -> &'static [&'static str] {
    NEAR.iter().find(|(name, _)| *name == words).map_or(&[], |(_, names)| names)
}

/// The words of all commands that have examples.
#[cfg(test)]
pub fn commands() -> impl Iterator<Item = &'static str> {
    EXAMPLES.iter().map(|(words, _)| *words)
}
