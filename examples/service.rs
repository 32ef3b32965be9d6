//! A daemon without a terminal: opens the vault of a state root and hands its parts views, never the
//! vault. Run it as `cargo run --example service -- STATE_ROOT`; it makes the vault the first time.
#![allow(clippy::print_stdout, clippy::print_stderr)] // an example shows what it does

use std::error::Error;
use std::path::Path;

use tresor::vault::{
    Actor, ClosedVault, CreateOptions, Expect, MetadataPatch, NewSlot, Place, Random, SecretKind,
    SecretRef, SensitiveBytes, SystemRandom, Unlock, Vault, VaultError, View, create_private_file,
    make_private_dirs, memory,
};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    // First of all, as in any program that will hold keys: no core dump, no reading from outside.
    for lost in memory::harden_process() {
        eprintln!("service: {lost}");
    }
    let root = std::env::args_os().nth(1).ok_or("usage: service STATE_ROOT")?;
    let vault = open(Path::new(&root))?;

    // The provider's key belongs to all, the login to one channel, the setting to one skill.
    let providers = vault.view(Actor::Owner);
    let channel = vault.view("channel:discord:guild-9".parse()?);
    let extractor = vault.view("skill:extractor".parse()?);
    let summariser = vault.view("skill:summariser".parse()?);

    store(&providers, "global/openai_api_key", b"sk-example-not-a-real-key", SecretKind::ApiKey)?;
    store(
        &channel,
        "channel:discord:guild-9/refresh_token",
        b"example-refresh-token",
        SecretKind::OauthToken,
    )?;
    store(&extractor, "skill:extractor/config", b"{\"depth\":3}", SecretKind::Other)?;

    // Each part reads what is its own, and what is global.
    println!("provider key      {} bytes", length(&summariser, "global/openai_api_key")?);
    println!(
        "refresh token     {} bytes",
        length(&channel, "channel:discord:guild-9/refresh_token")?
    );
    println!("skill's config    {} bytes", length(&extractor, "skill:extractor/config")?);

    // Another skill is refused by the scope alone, before anything is looked up.
    match summariser.read(&"skill:extractor/config".parse()?) {
        Err(refused @ VaultError::NotAllowed { .. }) => println!("another skill     {refused}"),
        Err(other) => return Err(other.into()),
        Ok(_) => return Err("a skill read another's secret".into()),
    }
    // It may not write there either, and cannot list it.
    let elsewhere = store(&summariser, "skill:extractor/config", b"mine now", SecretKind::Other);
    println!("writing there     {}", elsewhere.err().ok_or("a skill wrote another's secret")?);
    println!("it sees           {} secrets", summariser.list()?.secrets.len());

    // After this every view answers `Locked`, and the keys are gone from memory.
    vault.lock();
    let late = extractor.read(&"skill:extractor/config".parse()?);
    println!("after the lock    {}", late.err().ok_or("a locked vault was read")?);
    Ok(())
}

/// Opens `<root>/vault` by `<root>/vault.key`; makes both if there is no vault yet.
fn open(root: &Path) -> Outcome<Vault> {
    make_private_dirs(root)?;
    let place = Place::on_disk(&root.join("vault"), &root.join("state"));
    let key_file = root.join("vault.key");
    if Vault::exists(&place) {
        let key = SensitiveBytes::new(std::fs::read(&key_file)?);
        return Ok(ClosedVault::open(&place)?.unlock(&Unlock::KeyFile(&key))?);
    }
    let key = new_key(&key_file)?;
    Ok(Vault::create(&place, &CreateOptions::new(vec![NewSlot::KeyFile(key)]))?)
}

/// Makes a key file that only its owner can read; an existing one is never replaced.
fn new_key(path: &Path) -> Outcome<SensitiveBytes> {
    let mut bytes = vec![0; 32];
    SystemRandom.fill(&mut bytes)?;
    let key = SensitiveBytes::new(bytes);
    let mut file = create_private_file(path)?;
    key.with(|bytes| std::io::Write::write_all(&mut file, bytes))?;
    file.sync_all()?;
    Ok(key)
}

fn store(view: &View, name: &str, value: &[u8], kind: SecretKind) -> Outcome<()> {
    let patch = MetadataPatch { kind: Some(kind), ..MetadataPatch::default() };
    view.write(&name.parse::<SecretRef>()?, SensitiveBytes::copy_of(value), patch, Expect::Any)?;
    Ok(())
}

/// The value is lent for the length of a closure; only its length leaves it.
fn length(view: &View, name: &str) -> Outcome<usize> {
    Ok(view.read(&name.parse::<SecretRef>()?)?.value.with(<[u8]>::len))
}
