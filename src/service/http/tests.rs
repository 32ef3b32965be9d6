//! The guard beside a proxy. All else of it is shown by the program at a real provider.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use ureq::ProxyProtocol;

use super::*;

/// What comes of a request that goes through this proxy, if there is one.
fn asked(url: &str, proxy: Option<Proxy>) -> HttpError {
    let request = Request::get(url).body(Vec::new()).unwrap();
    Client::through(proxy, Vec::new()).send(request).unwrap_err()
}

/// Nobody is asked at that address.
fn is_refused(url: &str, proxy: Option<Proxy>) {
    let error = asked(url, proxy);
    assert!(matches!(error, HttpError::Private { .. }), "{url}: {error}");
}

#[test]
fn an_environment_without_a_proxy_leaves_the_guard_on() {
    is_refused("https://10.0.0.1/", None);
}

#[test]
fn what_goes_past_the_proxy_is_guarded() {
    for spared in ["10.0.0.1", "*"] {
        let proxy = Proxy::builder(ProxyProtocol::Http).host("192.0.2.1").no_proxy(spared);
        is_refused("https://10.0.0.1/", Some(proxy.build().unwrap()));
    }
    // The host of the proxy, but another port of it.
    let proxy = Proxy::builder(ProxyProtocol::Http).host("10.0.0.1").port(3128).no_proxy("*");
    is_refused("https://10.0.0.1/", Some(proxy.build().unwrap()));
    // Kinds of proxies that get an address and no name: it is looked up here.
    for proxy in ["socks4://192.0.2.1", "socks5://192.0.2.1"] {
        is_refused("https://10.0.0.1/", Some(Proxy::new(proxy).unwrap()));
    }
}

#[test]
fn a_proxy_inside_the_network_is_reached_and_gets_the_name() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    // Leads to this machine as well, and is an address that no provider may have.
    let proxy = format!("http://0.0.0.0:{}", listener.local_addr().unwrap().port());
    let heard = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut line = String::new();
        BufReader::new(&stream).read_line(&mut line).unwrap();
        (&stream).write_all(b"HTTP/1.1 403 Forbidden\r\n\r\n").unwrap();
        line
    });
    let error = asked("https://op.invalid/token", Some(Proxy::new(&proxy).unwrap()));
    assert!(matches!(error, HttpError::Unreachable { .. }), "{error}");
    assert_eq!(heard.join().unwrap(), "CONNECT op.invalid:443 HTTP/1.1\r\n");
}
