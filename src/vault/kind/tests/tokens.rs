//! Tokens are put together from parts, so that no scanner takes this file for a leak.

use super::*;

#[test]
fn tokens_are_told_by_prefix_and_length() {
    for (parts, kind, what, key) in [
        (
            ["ghp_", &"a1B".repeat(12)],
            SecretKind::ApiKey,
            "GitHub personal access token",
            "github_token",
        ),
        (
            ["gho_", &"a1B".repeat(12)],
            SecretKind::OauthToken,
            "GitHub OAuth token",
            "github_oauth_token",
        ),
        (
            ["github_pat_", &"a1_".repeat(27)],
            SecretKind::ApiKey,
            "GitHub fine-grained token",
            "github_token",
        ),
        (
            ["glpat-", &"a-1_".repeat(5)],
            SecretKind::ApiKey,
            "GitLab personal access token",
            "gitlab_token",
        ),
        (["AKIA", &"A2B3".repeat(4)], SecretKind::ApiKey, "AWS access key id", "aws_access_key_id"),
        (
            ["sk-proj-", &"aB3_".repeat(12)],
            SecretKind::ApiKey,
            "OpenAI project key",
            "openai_api_key",
        ),
        (["sk-", &"aB3d".repeat(12)], SecretKind::ApiKey, "OpenAI API key", "openai_api_key"),
        (
            ["sk-ant-", &"api03-aB3".repeat(9)],
            SecretKind::ApiKey,
            "Anthropic API key",
            "anthropic_api_key",
        ),
        (
            ["xoxb-", "123456789012-abcdefABCDEF"],
            SecretKind::ApiKey,
            "Slack bot token",
            "slack_bot_token",
        ),
        (
            ["xapp-", "1-A0000-111-abcdef0123"],
            SecretKind::ApiKey,
            "Slack app-level token",
            "slack_app_token",
        ),
        (
            ["sk_live_", &"a1B2".repeat(6)],
            SecretKind::ApiKey,
            "Stripe secret key",
            "stripe_secret_key",
        ),
        (
            ["sk_test_", &"a1B2".repeat(6)],
            SecretKind::ApiKey,
            "Stripe test secret key",
            "stripe_secret_key",
        ),
        (
            ["whsec_", &"a1B2".repeat(8)],
            SecretKind::ApiKey,
            "Stripe webhook secret",
            "stripe_webhook_secret",
        ),
        (["npm_", &"a1B".repeat(12)], SecretKind::ApiKey, "npm access token", "npm_token"),
        (["pypi-", &"AgEIcHlw".repeat(12)], SecretKind::ApiKey, "PyPI API token", "pypi_token"),
        (
            ["SG.", &format!("{}.{}", "a1".repeat(11), "B2c".repeat(14))],
            SecretKind::ApiKey,
            "SendGrid API key",
            "sendgrid_api_key",
        ),
        (["AIza", &"aB-3_".repeat(7)], SecretKind::ApiKey, "Google API key", "google_api_key"),
        (
            ["ya29.", &"aB-3_".repeat(12)],
            SecretKind::OauthToken,
            "Google OAuth access token",
            "google_access_token",
        ),
        (
            ["dop_v1_", &"0a".repeat(32)],
            SecretKind::ApiKey,
            "DigitalOcean personal token",
            "digitalocean_token",
        ),
        (["hf_", &"aB".repeat(17)], SecretKind::ApiKey, "Hugging Face token", "huggingface_token"),
        (
            ["dckr_pat_", &"aB-1_".repeat(6)],
            SecretKind::ApiKey,
            "Docker Hub access token",
            "docker_token",
        ),
        (["cio", &"aB01".repeat(8)], SecretKind::ApiKey, "crates.io token", "crates_io_token"),
        (
            ["12345678", &format!(":{}", "aB-1_".repeat(7))],
            SecretKind::ApiKey,
            "Telegram bot token",
            "telegram_bot_token",
        ),
        (["SK", &"0a".repeat(16)], SecretKind::ApiKey, "Twilio API key SID", "twilio_api_key"),
        (
            ["https://hooks.slack.com", "/services/T0/B0/xyz"],
            SecretKind::ApiKey,
            "Slack webhook URL",
            "slack_webhook_url",
        ),
        (
            ["https://discord.com/api", "/webhooks/1/xyz"],
            SecretKind::ApiKey,
            "Discord webhook URL",
            "discord_webhook_url",
        ),
        (
            ["AKIA", &format!("{}:{}", "A2B3".repeat(4), "aB3/".repeat(10))],
            SecretKind::ApiKey,
            "AWS access key pair",
            "aws_credentials",
        ),
        (
            ["", &"aB3/".repeat(10)],
            SecretKind::ApiKey,
            "AWS secret access key, by its shape",
            "aws_secret_access_key",
        ),
        (["AGE-SECRET-KEY-1", &"Q2".repeat(29)], SecretKind::PrivateKey, "age identity", "age_key"),
        (
            ["MTAwMDAwMDAwMDAwMDAwMDAw.", &format!("GaBcDe.{}", "aB-1_".repeat(6))],
            SecretKind::ApiKey,
            "Discord bot token",
            "discord_bot_token",
        ),
    ] {
        for around in ["", "\n", "\r\n", "  "] {
            let found = of(&format!("{}{around}", parts.concat()));
            assert_eq!((found.kind, found.what()), (kind, Some(what)));
            assert_eq!(proposed_key(&found), Some(key));
        }
    }
}

#[test]
fn what_is_too_short_or_has_other_characters_is_no_token() {
    for parts in
        [["ghp_", "short"], ["AKIA", "lowercase0000000"], ["sk-", "with space and more text"]]
    {
        assert_ne!(of(&parts.concat()).kind, SecretKind::ApiKey, "{parts:?}");
    }
}

#[test]
fn every_prefix_is_reachable_and_every_key_is_a_key() {
    let longer_first = super::super::tokens::prefixes();
    for (place, prefix) in longer_first.iter().enumerate() {
        let hidden = longer_first[..place].iter().any(|earlier| prefix.starts_with(earlier));
        assert!(!hidden, "{prefix} is hidden by an earlier row");
    }
    for key in super::super::tokens::keys() {
        assert!(key.parse::<crate::vault::SecretKey>().is_ok(), "{key}");
    }
}

#[test]
fn tokens_of_several_parts_are_told_by_all_of_them() {
    let hex = "0a1b2c3d".repeat(4);
    let atlas = |secret: &str| format!("a1B2c3D4e5F6g7.atlasv1.{secret}");
    let profile = "[default]\naws_access_key_id = x\naws_secret_access_key = y\n";
    for (text, what) in [
        (atlas(&"aB3_".repeat(16)), "Terraform Cloud token"),
        (format!("{hex}-us21"), "Mailchimp API key"),
        (format!("AC{hex}"), "Twilio account SID"),
        (format!("SK{hex}"), "Twilio API key SID"),
        (profile.to_owned(), "AWS credentials file"),
    ] {
        assert_eq!(told(&text).1, what, "{text}");
    }
    for other in [atlas("short"), format!("{hex}-us"), format!("{hex}-us123"), format!("AC{hex}0")]
    {
        assert_ne!(of(&other).kind, SecretKind::ApiKey, "{other}");
    }
}
