//! The AWS SDK for Python, reading `credential_process`.

use crate::home::{Home, python, script};
use crate::told::real;

fn ask(home: &Home, profile: &str) -> (bool, String) {
    let program = python();
    let mut command = home.command(program.to_str().unwrap());
    command.arg(script("aws_client.py")).arg(profile).env("AWS_CONFIG_FILE", home.path("aws"));
    let output = home.finish(&mut command, "");
    (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

#[test]
fn the_aws_sdk_takes_keys_and_hears_why_there_are_none() {
    if !real("the_aws_sdk_takes_keys_and_hears_why_there_are_none") {
        return;
    }
    let home = Home::new();
    let config = ["scope", "json", "ended", "none"].map(|name| {
        let from = if name == "scope" { "project:x".to_owned() } else { format!("global/{name}") };
        format!("[profile {name}]\ncredential_process = tresor -q aws-credential {from}\n")
    });
    std::fs::write(home.path("aws"), config.concat()).unwrap();
    home.ok(&["tresor", "set", "-q", "project:x/aws_access_key_id"], "AKIAEXAMPLE");
    home.ok(&["tresor", "set", "-q", "project:x/aws_secret_access_key"], "se/cr+et=");
    assert_eq!(
        ask(&home, "scope"),
        (true, "custom-process Credentials AKIAEXAMPLE se/cr+et= None\n".into())
    );
    let json = |end: &str| {
        format!(
            r#"{{"Credentials":{{"AccessKeyId":"ASIA1","SecretAccessKey":"s1","SessionToken":"t1","Expiration":"{end}"}}}}"#
        )
    };
    home.ok(&["tresor", "set", "-q", "global/json"], &json("2099-01-01T00:00:00Z"));
    // What ends is asked for anew in time.
    assert_eq!(
        ask(&home, "json"),
        (true, "custom-process RefreshableCredentials ASIA1 s1 t1\n".into())
    );
    home.ok(&["tresor", "set", "-q", "global/ended"], &json("2001-01-01T00:00:00Z"));
    for (profile, why) in [("ended", "stopped working at 2001"), ("none", "no secret global/none")]
    {
        let (took, told) = ask(&home, profile);
        assert!(!took && told.contains(why), "{profile}: {told}");
    }
}
