//! The manual pages, as man and groff read them.

use crate::home::Home;
use crate::told::real;

#[test]
fn groff_has_nothing_to_say_against_any_page() {
    if !real("groff_has_nothing_to_say_against_any_page") {
        return;
    }
    let home = Home::new();
    std::fs::create_dir(home.path("pages")).unwrap();
    home.ok(&["tresor", "man", "--out", "pages"], "");
    let mut count = 0;
    for page in std::fs::read_dir(home.path("pages")).unwrap() {
        let page = page.unwrap().path();
        let read = home.run(&["groff", "-man", "-ww", "-Tutf8", "-z", page.to_str().unwrap()], "");
        assert!(read.status.success() && read.stderr.is_empty(), "{}: {read:?}", page.display());
        count += 1;
    }
    assert!(count > 40, "{count} pages");
}

#[test]
fn man_reads_a_page_from_its_standard_input() {
    if !real("man_reads_a_page_from_its_standard_input") {
        return;
    }
    let home = Home::new();
    let page = home.ok(&["tresor", "man", "run"], "");
    let mut man = home.command("man");
    let shown =
        home.finish(man.args(["-l", "-"]).env("MANPAGER", "cat").env("MANWIDTH", "80"), &page);
    let shown = String::from_utf8(shown.stdout).unwrap();
    for line in ["NAME", "SYNOPSIS", "EXIT STATUS", "EXAMPLES", "SEE ALSO"] {
        assert!(shown.lines().any(|shown| shown == line), "{line}: {shown}");
    }
    assert!(shown.contains("tresor run --scope project:shop:prod -- ./server"), "{shown}");
}
