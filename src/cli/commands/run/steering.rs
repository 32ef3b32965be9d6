//! Which variables make a program load or run something that whoever started it did not name.

use super::start::are_one_variable;
use crate::cli::environment as env;

/// What every variable of a family begins with.
const FAMILIES: [&str; 4] = ["LD_", "DYLD_", "GIT_CONFIG", "LUA_INIT"];

/// Not here on purpose, since honest files have them: `PYTHONPATH` and `NODE_PATH`, which say where a project's
/// own code is; `BROWSER`, `EDITOR` and `PAGER`; and where a program's settings are, such as `KUBECONFIG` and
/// `DOCKER_CONFIG`. A list is no wall: who runs a command with somebody's file trusts it with that command.
const NAMES: [&str; 57] = [
    "PATH",
    // A tresor that the command starts: what unlocks a vault, which one, and which programs references run.
    env::KEY_FILE,
    env::PASSPHRASE_FILE,
    env::PASSPHRASE_COMMAND,
    env::VAULT_DIR,
    env::CONFIG,
    // Shells.
    "IFS",
    "ENV",
    "BASH_ENV",
    "SHELLOPTS",
    "PROMPT_COMMAND",
    "ZDOTDIR",
    // Languages.
    "PYTHONSTARTUP",
    "PYTHONHOME",
    "PYTHONUSERBASE",
    "PERL5OPT",
    "PERL5LIB",
    "PERL5DB",
    "PERLLIB",
    "RUBYOPT",
    "RUBYLIB",
    "NODE_OPTIONS",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "_JAVA_OPTIONS",
    "DOTNET_STARTUP_HOOKS",
    "PHPRC",
    "PHP_INI_SCAN_DIR",
    // git, and who asks for passphrases.
    "GIT_ASKPASS",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_EDITOR",
    "GIT_EXEC_PATH",
    "GIT_EXTERNAL_DIFF",
    "GIT_PAGER",
    "GIT_PROXY_COMMAND",
    "GIT_SEQUENCE_EDITOR",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_TEMPLATE_DIR",
    "SSH_ASKPASS",
    "SUDO_ASKPASS",
    // Libraries and tools that many programs use.
    "GCONV_PATH",
    "OPENSSL_CONF",
    "OPENSSL_ENGINES",
    "OPENSSL_MODULES",
    "GTK_MODULES",
    "LESSOPEN",
    "LESSCLOSE",
    "MANPAGER",
    "RSYNC_RSH",
    "SVN_SSH",
    // Windows.
    "COMSPEC",
    "PATHEXT",
    "PSMODULEPATH",
    "SYSTEMROOT",
    "WINDIR",
];

/// Whether a variable makes programs load or run something; no secret's key and no file sets such a one unasked.
pub fn steers_programs(name: &str) -> bool {
    let begins = |family: &&str| {
        name.get(..family.len()).is_some_and(|start| are_one_variable(family, start))
    };
    FAMILIES.iter().any(begins) || NAMES.iter().any(|known| are_one_variable(known, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_programs_load_or_run_something_is_known_by_name_or_family() {
        for name in ["PATH", "LD_PRELOAD", "GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_0", "LUA_INIT_5_4"]
            .into_iter()
            .chain(env::UNLOCKING)
        {
            assert!(steers_programs(name), "{name}");
        }
        for name in ["OLD_X", "LD", "GIT_AUTHOR_NAME", "MY_PATH", "PATHS", "PYTHONPATH", "\u{e9}"] {
            assert!(!steers_programs(name), "{name}");
        }
    }
}
