//! The Docker SDK for Python as a client of the helper.

use crate::home::{Home, python, script};
use crate::told::real;

#[test]
fn the_docker_sdk_stores_gets_lists_and_erases() {
    if !real("the_docker_sdk_stores_gets_lists_and_erases") {
        return;
    }
    let home = Home::new();
    let program = python();
    let client = script("docker_client.py");
    home.ok(&[program.to_str().unwrap(), client.to_str().unwrap()], "");
    assert_eq!(home.names(), ["global/docker-registry.example_5000-_token_"]);
    let mut locked = home.command(program.to_str().unwrap());
    let locked = home.finish(locked.arg(&client).arg("locked").env_remove("TRESOR_KEY_FILE"), "");
    assert!(locked.status.success(), "{locked:?}");
}
