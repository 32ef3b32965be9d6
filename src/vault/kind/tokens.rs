//! Tokens told by their prefix and shape: one table, and a few that need a closer look.
//!
//! Lengths are the shortest and longest remainder after the prefix. Makers lengthen tokens without
//! notice, so most rows leave room. Sources: the makers' own documentation and the prefix lists of
//! GitHub's secret scanning.

use super::SecretKind::{ApiKey, OauthToken, PrivateKey};
use super::{Recognised, SecretKind};

/// The characters that may follow a prefix.
#[derive(Clone, Copy)]
enum Chars {
    /// `0-9a-fA-F`
    Hex,
    /// `A-Z0-9`
    Upper,
    /// `A-Za-z0-9`
    Alnum,
    /// `A-Za-z0-9_-`
    Url,
    /// `A-Za-z0-9_-.`, and `+ / = : ~`
    Wide,
}

use Chars::{Alnum, Hex, Upper, Url, Wide};

impl Chars {
    fn holds(self, byte: u8) -> bool {
        match self {
            Hex => byte.is_ascii_hexdigit(),
            Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Alnum => byte.is_ascii_alphanumeric(),
            Url => byte.is_ascii_alphanumeric() || b"_-".contains(&byte),
            Wide => byte.is_ascii_alphanumeric() || b"_-.+/=:~".contains(&byte),
        }
    }
}

/// One shape: prefix, what may follow, how much of it, kind, key to propose, and its name.
struct Shape(&'static str, Chars, usize, usize, SecretKind, &'static str, &'static str);

/// Longer prefixes stand before shorter ones they begin with.
#[rustfmt::skip]
static SHAPES: &[Shape] = &[
    Shape("github_pat_", Url, 40, 255, ApiKey, "github_token", "GitHub fine-grained token"),
    Shape("ghp_", Alnum, 36, 251, ApiKey, "github_token", "GitHub personal access token"),
    Shape("gho_", Alnum, 36, 251, OauthToken, "github_oauth_token", "GitHub OAuth token"),
    Shape("ghu_", Alnum, 36, 251, OauthToken, "github_user_token", "GitHub user-to-server token"),
    Shape("ghs_", Wide, 36, 2048, ApiKey, "github_app_token", "GitHub app installation token"),
    Shape("ghr_", Alnum, 36, 251, OauthToken, "github_refresh_token", "GitHub refresh token"),
    Shape("glpat-", Wide, 20, 320, ApiKey, "gitlab_token", "GitLab personal access token"),
    Shape("gldt-", Wide, 20, 320, ApiKey, "gitlab_deploy_token", "GitLab deploy token"),
    Shape("glrt-", Wide, 20, 320, ApiKey, "gitlab_runner_token", "GitLab runner token"),
    Shape("glcbt-", Wide, 20, 320, ApiKey, "gitlab_job_token", "GitLab CI job token"),
    Shape("glptt-", Wide, 20, 320, ApiKey, "gitlab_trigger_token", "GitLab pipeline trigger token"),
    Shape("glft-", Wide, 20, 320, ApiKey, "gitlab_feed_token", "GitLab feed token"),
    Shape("gloas-", Wide, 20, 320, ApiKey, "gitlab_oauth_secret", "GitLab OAuth application secret"),
    Shape("glagent-", Wide, 20, 320, ApiKey, "gitlab_agent_token", "GitLab agent token"),
    Shape("ATBB", Alnum, 24, 40, ApiKey, "bitbucket_app_password", "Bitbucket app password"),
    Shape("ATATT3", Wide, 100, 400, ApiKey, "atlassian_api_token", "Atlassian API token"),
    Shape("AKIA", Upper, 16, 16, ApiKey, "aws_access_key_id", "AWS access key id"),
    Shape("ASIA", Upper, 16, 16, ApiKey, "aws_access_key_id", "AWS temporary access key id"),
    Shape("AIza", Url, 35, 35, ApiKey, "google_api_key", "Google API key"),
    Shape("ya29.", Wide, 20, 2048, OauthToken, "google_access_token", "Google OAuth access token"),
    Shape("1//", Url, 30, 512, OauthToken, "google_refresh_token", "Google OAuth refresh token"),
    Shape("GOCSPX-", Url, 20, 64, ApiKey, "google_client_secret", "Google OAuth client secret"),
    Shape("sk-ant-oat", Url, 20, 256, OauthToken, "anthropic_oauth_token", "Anthropic OAuth token"),
    Shape("sk-ant-admin", Url, 20, 256, ApiKey, "anthropic_admin_key", "Anthropic admin key"),
    Shape("sk-ant-", Url, 20, 256, ApiKey, "anthropic_api_key", "Anthropic API key"),
    Shape("sk-or-v1-", Hex, 32, 128, ApiKey, "openrouter_api_key", "OpenRouter API key"),
    Shape("sk-proj-", Url, 20, 256, ApiKey, "openai_api_key", "OpenAI project key"),
    Shape("sk-svcacct-", Url, 20, 256, ApiKey, "openai_api_key", "OpenAI service account key"),
    Shape("sk-admin-", Url, 20, 256, ApiKey, "openai_admin_key", "OpenAI admin key"),
    Shape("sk-", Alnum, 20, 128, ApiKey, "openai_api_key", "OpenAI API key"),
    Shape("gsk_", Alnum, 40, 80, ApiKey, "groq_api_key", "Groq API key"),
    Shape("xai-", Alnum, 40, 128, ApiKey, "xai_api_key", "xAI API key"),
    Shape("pplx-", Alnum, 32, 80, ApiKey, "perplexity_api_key", "Perplexity API key"),
    Shape("r8_", Alnum, 36, 60, ApiKey, "replicate_api_token", "Replicate API token"),
    Shape("hf_", Alnum, 30, 60, ApiKey, "huggingface_token", "Hugging Face token"),
    Shape("xoxb-", Url, 20, 256, ApiKey, "slack_bot_token", "Slack bot token"),
    Shape("xoxp-", Url, 20, 256, OauthToken, "slack_user_token", "Slack user token"),
    Shape("xoxa-", Url, 20, 256, OauthToken, "slack_access_token", "Slack workspace access token"),
    Shape("xoxr-", Url, 20, 256, OauthToken, "slack_refresh_token", "Slack refresh token"),
    Shape("xoxs-", Url, 20, 256, ApiKey, "slack_session_token", "Slack session token"),
    Shape("xoxo-", Url, 20, 256, ApiKey, "slack_token", "Slack token"),
    Shape("xoxe.xox", Url, 20, 512, OauthToken, "slack_access_token", "Slack rotated access token"),
    Shape("xoxe-", Url, 20, 512, OauthToken, "slack_refresh_token", "Slack rotation refresh token"),
    Shape("xapp-", Url, 20, 256, ApiKey, "slack_app_token", "Slack app-level token"),
    Shape("sk_live_", Alnum, 10, 256, ApiKey, "stripe_secret_key", "Stripe secret key"),
    Shape("sk_test_", Alnum, 10, 256, ApiKey, "stripe_secret_key", "Stripe test secret key"),
    Shape("rk_live_", Alnum, 10, 256, ApiKey, "stripe_restricted_key", "Stripe restricted key"),
    Shape("rk_test_", Alnum, 10, 256, ApiKey, "stripe_restricted_key", "Stripe test restricted key"),
    Shape("pk_live_", Alnum, 10, 256, ApiKey, "stripe_publishable_key", "Stripe publishable key"),
    Shape("pk_test_", Alnum, 10, 256, ApiKey, "stripe_publishable_key", "Stripe test publishable key"),
    Shape("whsec_", Wide, 20, 128, ApiKey, "stripe_webhook_secret", "Stripe webhook secret"),
    Shape("sq0atp-", Url, 22, 64, ApiKey, "square_access_token", "Square access token"),
    Shape("sq0csp-", Url, 43, 64, ApiKey, "square_client_secret", "Square OAuth secret"),
    Shape("rzp_live_", Alnum, 14, 40, ApiKey, "razorpay_key_id", "Razorpay key id"),
    Shape("shpat_", Hex, 32, 64, ApiKey, "shopify_access_token", "Shopify access token"),
    Shape("shpss_", Hex, 32, 64, ApiKey, "shopify_shared_secret", "Shopify shared secret"),
    Shape("npm_", Alnum, 36, 64, ApiKey, "npm_token", "npm access token"),
    Shape("pypi-", Url, 16, 512, ApiKey, "pypi_token", "PyPI API token"),
    Shape("cio", Alnum, 32, 32, ApiKey, "crates_io_token", "crates.io token"),
    Shape("rubygems_", Hex, 48, 48, ApiKey, "rubygems_api_key", "RubyGems API key"),
    Shape("CLOJARS_", Hex, 60, 60, ApiKey, "clojars_token", "Clojars deploy token"),
    Shape("dckr_pat_", Url, 20, 64, ApiKey, "docker_token", "Docker Hub access token"),
    Shape("dckr_oat_", Url, 20, 64, ApiKey, "docker_token", "Docker organisation token"),
    Shape("dop_v1_", Hex, 64, 64, ApiKey, "digitalocean_token", "DigitalOcean personal token"),
    Shape("doo_v1_", Hex, 64, 64, OauthToken, "digitalocean_token", "DigitalOcean OAuth token"),
    Shape("dor_v1_", Hex, 64, 64, OauthToken, "digitalocean_refresh_token", "DigitalOcean refresh token"),
    Shape("HRKU-", Url, 36, 80, ApiKey, "heroku_api_key", "Heroku API key"),
    Shape("nfp_", Alnum, 36, 60, ApiKey, "netlify_token", "Netlify token"),
    Shape("sbp_", Hex, 40, 40, ApiKey, "supabase_token", "Supabase access token"),
    Shape("sb_secret_", Url, 20, 64, ApiKey, "supabase_secret_key", "Supabase secret key"),
    Shape("pscale_tkn_", Wide, 32, 64, ApiKey, "planetscale_token", "PlanetScale service token"),
    Shape("pscale_pw_", Wide, 32, 64, ApiKey, "planetscale_password", "PlanetScale password"),
    Shape("dapi", Hex, 32, 34, ApiKey, "databricks_token", "Databricks token"),
    Shape("hvs.", Url, 20, 256, ApiKey, "vault_token", "HashiCorp Vault token"),
    Shape("hvb.", Url, 100, 512, ApiKey, "vault_batch_token", "HashiCorp Vault batch token"),
    Shape("pul-", Hex, 40, 40, ApiKey, "pulumi_token", "Pulumi access token"),
    Shape("dp.st.", Wide, 40, 128, ApiKey, "doppler_token", "Doppler service token"),
    Shape("dp.pt.", Wide, 40, 128, ApiKey, "doppler_token", "Doppler personal token"),
    Shape("ops_eyJ", Url, 100, 4096, ApiKey, "onepassword_token", "1Password service account token"),
    Shape("tskey-", Url, 20, 128, ApiKey, "tailscale_key", "Tailscale key"),
    Shape("sntrys_", Wide, 40, 512, ApiKey, "sentry_auth_token", "Sentry organisation token"),
    Shape("sntryu_", Hex, 40, 128, ApiKey, "sentry_auth_token", "Sentry user token"),
    Shape("NRAK-", Upper, 27, 27, ApiKey, "newrelic_api_key", "New Relic user key"),
    Shape("glsa_", Url, 32, 64, ApiKey, "grafana_token", "Grafana service account token"),
    Shape("glc_", Wide, 32, 512, ApiKey, "grafana_cloud_token", "Grafana Cloud token"),
    Shape("dt0c01.", Wide, 80, 128, ApiKey, "dynatrace_token", "Dynatrace token"),
    Shape("squ_", Hex, 40, 40, ApiKey, "sonarqube_token", "SonarQube token"),
    Shape("PMAK-", Url, 50, 80, ApiKey, "postman_api_key", "Postman API key"),
    Shape("CCIPAT_", Url, 40, 128, ApiKey, "circleci_token", "CircleCI token"),
    Shape("bkua_", Hex, 40, 40, ApiKey, "buildkite_token", "Buildkite token"),
    Shape("lin_api_", Alnum, 40, 64, ApiKey, "linear_api_key", "Linear API key"),
    Shape("ntn_", Alnum, 40, 64, ApiKey, "notion_token", "Notion token"),
    Shape("figd_", Url, 40, 64, ApiKey, "figma_token", "Figma token"),
    Shape("xkeysib-", Url, 64, 96, ApiKey, "brevo_api_key", "Brevo API key"),
    Shape("key-", Hex, 32, 32, ApiKey, "mailgun_api_key", "Mailgun API key"),
    Shape("CFPAT-", Url, 43, 64, ApiKey, "contentful_token", "Contentful token"),
    Shape("AGE-SECRET-KEY-1", Upper, 58, 58, PrivateKey, "age_key", "age identity"),
];

/// The names of what [`structured`] finds, with the key to propose.
#[rustfmt::skip]
const STRUCTURED: &[(&str, &str)] = &[
    ("SendGrid API key", "sendgrid_api_key"),
    ("Telegram bot token", "telegram_bot_token"),
    ("Discord bot token", "discord_bot_token"),
    ("Twilio account SID", "twilio_account_sid"),
    ("Twilio API key SID", "twilio_api_key"),
    ("Mailchimp API key", "mailchimp_api_key"),
    ("Terraform Cloud token", "terraform_token"),
    ("Slack webhook URL", "slack_webhook_url"),
    ("Discord webhook URL", "discord_webhook_url"),
    ("AWS access key pair", "aws_credentials"),
    ("AWS credentials file", "aws_credentials"),
    ("AWS secret access key, by its shape", "aws_secret_access_key"),
];

/// Recognises a token.
pub(super) fn read(text: &str) -> Option<Recognised> {
    let fits = |shape: &&Shape| {
        text.strip_prefix(shape.0).is_some_and(|rest| is_run(rest, shape.1, shape.2, shape.3))
    };
    if let Some(shape) = SHAPES.iter().find(fits) {
        return Some(Recognised::new(shape.4, shape.6));
    }
    structured(text).map(|what| Recognised::new(ApiKey, what))
}

/// The key to propose for a token of that name.
pub(super) fn key_for(what: &str) -> Option<&'static str> {
    let shape = SHAPES.iter().find(|shape| shape.6 == what).map(|shape| shape.5);
    shape.or_else(|| STRUCTURED.iter().find(|(name, _)| *name == what).map(|(_, key)| *key))
}

/// The prefixes in the order in which they are tried.
#[cfg(test)]
pub(super) fn prefixes() -> Vec<&'static str> {
    SHAPES.iter().map(|shape| shape.0).collect()
}

/// Every key that may be proposed.
#[cfg(test)]
pub(super) fn keys() -> Vec<&'static str> {
    SHAPES.iter().map(|shape| shape.5).chain(STRUCTURED.iter().map(|(_, key)| *key)).collect()
}

/// Whether `text` is `least` to `most` of those characters and nothing else.
fn is_run(text: &str, chars: Chars, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.len()) && text.bytes().all(|byte| chars.holds(byte))
}

/// Tokens of several parts.
fn structured(text: &str) -> Option<&'static str> {
    let parts: Vec<&str> = text.splitn(5, '.').collect();
    match *parts.as_slice() {
        ["SG", id, secret] if is_run(id, Url, 16, 32) && is_run(secret, Url, 32, 64) => {
            return Some("SendGrid API key");
        }
        [id, time, mac]
            if id.starts_with(['M', 'N', 'O'])
                && is_run(id, Url, 23, 28)
                && is_run(time, Url, 6, 7)
                && is_run(mac, Url, 27, 45) =>
        {
            return Some("Discord bot token");
        }
        [id, "atlasv1", secret] if is_run(id, Alnum, 14, 14) && is_run(secret, Url, 60, 80) => {
            return Some("Terraform Cloud token");
        }
        _ => {}
    }
    two_parts(text).or_else(|| webhook(text)).or_else(|| aws(text))
}

fn two_parts(text: &str) -> Option<&'static str> {
    if let Some((bot, secret)) = text.split_once(':')
        && is_run(secret, Url, 35, 35)
        && (8..=10).contains(&bot.len())
        && bot.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Some("Telegram bot token");
    }
    if let Some((key, centre)) = text.split_once("-us")
        && is_run(key, Hex, 32, 32)
        && (1..=2).contains(&centre.len())
        && centre.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Some("Mailchimp API key");
    }
    let sid = |prefix| text.strip_prefix(prefix).is_some_and(|rest| is_run(rest, Hex, 32, 32));
    match (sid("AC"), sid("SK")) {
        (true, _) => Some("Twilio account SID"),
        (_, true) => Some("Twilio API key SID"),
        _ => None,
    }
}

/// Addresses that are a secret as a whole: whoever has one may post.
fn webhook(text: &str) -> Option<&'static str> {
    let rest = text.strip_prefix("https://")?;
    if rest.bytes().any(|byte| byte.is_ascii_whitespace()) {
        return None;
    }
    if rest.starts_with("hooks.slack.com/") {
        return Some("Slack webhook URL");
    }
    let discord = ["discord.com/api/webhooks/", "discordapp.com/api/webhooks/"];
    discord.iter().any(|start| rest.starts_with(start)).then_some("Discord webhook URL")
}

/// AWS credentials: a pair, a file, or a secret key alone, which has no prefix at all.
fn aws(text: &str) -> Option<&'static str> {
    if text.len() < 8192 && text.contains("aws_secret_access_key") && text.starts_with('[') {
        return Some("AWS credentials file");
    }
    let between = |c: char| c.is_whitespace() || matches!(c, ':' | ',' | ';');
    let mut parts = text.splitn(8, between).filter(|part| !part.is_empty());
    match (parts.next(), parts.next(), parts.next()) {
        (Some(id), Some(secret), None)
            if (id.starts_with("AKIA") || id.starts_with("ASIA"))
                && is_run(id, Upper, 20, 20)
                && is_aws_secret(secret) =>
        {
            Some("AWS access key pair")
        }
        (Some(secret), None, None) if is_aws_secret(secret) && secret.contains(['/', '+']) => {
            Some("AWS secret access key, by its shape")
        }
        _ => None,
    }
}

/// 30 bytes in base64, of all sorts of characters.
fn is_aws_secret(text: &str) -> bool {
    let has = |sort: fn(&u8) -> bool| text.as_bytes().iter().any(sort);
    text.len() == 40
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'+'))
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
}
