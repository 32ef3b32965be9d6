//! Where requests may go: to the public internet by https, and to this machine. Nothing else is asked.

use crate::home::{Home, Running};
use crate::told::real;

#[test]
fn an_address_inside_a_network_is_refused_before_a_packet() {
    if !real("an_address_inside_a_network_is_refused_before_a_packet") {
        return;
    }
    let home = Home::new();
    let trace = home.path("trace");
    let words = ["strace", "-f", "-qq", "-o", trace.to_str().unwrap(), "-e", "trace=network"];
    let inside =
        ["10.0.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "[fd00::1]", "0.0.0.0"];
    for host in inside {
        let issuer = format!("https://{host}");
        let add = ["profile", "add", "a", "--issuer", &issuer, "--client-id", "x"];
        let ran = Running::of(home.command(&words, &add)).end();
        let help = format!("--private-host {host}");
        ran.fails(6, &[&format!("{host} is an address inside a network"), &help]);
        let trace = std::fs::read_to_string(&trace).unwrap();
        for call in ["connect(", "sendto(", "sendmsg(", "sendmmsg("] {
            assert!(!trace.contains(call), "{host}: {trace}");
        }
    }
    home.is_empty();
}

#[test]
fn a_proxy_that_is_not_used_switches_no_guard_off() {
    if !real("a_proxy_that_is_not_used_switches_no_guard_off") {
        return;
    }
    let home = Home::new();
    std::fs::create_dir_all(home.path("config/tresor")).unwrap();
    let settings = "[network]\nproxy = \"environment\"\n";
    std::fs::write(home.path("config/tresor/config.toml"), settings).unwrap();
    let none: [&[&str]; 2] = [&[], &["env", "HTTPS_PROXY=http://127.0.0.1:1", "NO_PROXY=10.0.0.1"]];
    for environment in none {
        let add = ["profile", "add", "a", "--issuer", "https://10.0.0.1", "--client-id", "x"];
        let ran = Running::of(home.command(environment, &add)).end();
        ran.fails(6, &["10.0.0.1 is an address inside a network"]);
    }
    home.is_empty();
}

#[test]
fn addresses_that_no_request_may_go_to_are_no_input() {
    if !real("addresses_that_no_request_may_go_to_are_no_input") {
        return;
    }
    let home = Home::new();
    let cases = [
        ("http://example.com", "http is for this machine alone"),
        ("http://10.0.0.1", "http is for this machine alone"),
        ("http://127.0.0.1.example.com/", "http is for this machine alone"),
        ("ftp://example.com", "it is not https"),
        ("https://user@example.com", "it names a user"),
        ("https://example.com/?a=b", "it has a query or fragment"),
        ("example.com", "it is no URL"),
    ];
    for (address, why) in cases {
        for option in ["--issuer", "--token-url", "--device-url", "--revocation-url"] {
            let mut add = vec!["profile", "add", "a", "--client-id", "x", option, address];
            if option != "--issuer" {
                add.extend(["--provider", "custom"]);
            }
            home.run(&add).fails(2, &[why]);
        }
    }
    home.is_empty();
}

#[test]
fn a_provider_that_is_not_there_is_unreachable() {
    if !real("a_provider_that_is_not_there_is_unreachable") {
        return;
    }
    let home = Home::new();
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let issuer = format!("http://{gone}");
    let ran = home.run(&["profile", "add", "a", "--issuer", &issuer, "--client-id", "x"]);
    ran.fails(4, &["127.0.0.1 cannot be reached"]);
    home.is_empty();
}
