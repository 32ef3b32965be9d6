# Completions of tresor for fish, printed by 'tresor completions fish'. tresor itself says what may follow:
# also names of secrets, while the vault opens without a question.

function __tresor_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    # A quotation that is not closed yet is none for fish either.
    set -l plain (string unescape -- $current)
    or set plain (string trim --left --chars "'\"" -- $current)
    set -l program $words[1]
    set -e words[1]
    set -l lines ($program __complete $words "$plain" 2>/dev/null </dev/null)
    switch "$lines[1]"
        case :files
            __fish_complete_path "$plain"
        case :directories
            __fish_complete_directories "$plain"
        case :program
            __fish_complete_subcommand --fcs-skip=(math (contains -i -- -- $words) + 1)
        case '*'
            string join -- \n $lines
    end
end

complete -c tresor -f -a '(__tresor_complete)'
