# Completions of tresor for elvish, printed by 'tresor completions elvish'. tresor itself says what may follow:
# also names of secrets, while the vault opens without a question.

use str

set edit:completion:arg-completer[tresor] = {|program @words|
    var lines = []
    try {
        set lines = [((external $program) __complete $@words 2>/dev/null </dev/null | from-lines)]
    } catch { }
    if (and (> (count $lines) 0) (str:has-prefix $lines[0] ':')) {
        edit:complete-filename $program $@words
    } else {
        for line $lines {
            var parts = [(str:split "\t" $line)]
            # A scope, or NAME=, goes on.
            var end = ' '
            if (or (str:has-suffix $parts[0] '/') (str:has-suffix $parts[0] '=')) {
                set end = ''
            }
            edit:complex-candidate $parts[0] &display=(str:join '  ' $parts) &code-suffix=$end
        }
    }
}
