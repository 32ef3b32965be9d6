//! What has to be typed for a sign-in: a name, an owner, the client, and what is asked for.

use super::{Stage, Wizard};
use crate::app::App;
use crate::app::asks::Ask;
use crate::app::bindings::Action;
use crate::app::effect::{Effect, SignInRequest};
use crate::app::field::SecretField;
use crate::app::wizard::approve::Approve;
use crate::fault::Fault;
use crate::service::oauth::{Endpoint, Flow, Handle, MAX_ID, Need, Provider, ScopeInfo};
use crate::vault::{Scope, SecretKey};

/// The longest address, client id or secret in bytes.
const MAX_LINE: usize = 4096;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// What the profile is called.
    Id,
    /// Whose it is, and where its tokens lie.
    Owner,
    /// Who is discovered.
    Issuer,
    /// Where tokens come from.
    Token,
    /// Where a browser signs in.
    Authorization,
    /// Where a device asks for its code.
    Device,
    /// The client's id.
    ClientId,
    /// The client's secret.
    ClientSecret,
    /// A plain key.
    Key,
}

impl FieldKind {
    /// Its label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Id => "Profile",
            Self::Owner => "Tokens go to",
            Self::Issuer => "Issuer",
            Self::Token => "Token URL",
            Self::Authorization => "Browser URL",
            Self::Device => "Device URL",
            Self::ClientId => "Client id",
            Self::ClientSecret => "Client secret",
            Self::Key => "Key",
        }
    }

    /// Whether what is typed there is hidden.
    pub fn is_secret(self) -> bool {
        matches!(self, Self::ClientSecret | Self::Key)
    }
}

/// One line to type.
pub struct WizardField {
    /// What it holds.
    pub kind: FieldKind,
    /// What is typed.
    pub text: SecretField,
}

/// All that has to be typed.
pub struct WizardForm {
    /// The lines.
    pub fields: Vec<WizardField>,
    /// What can be asked for, and whether it is.
    pub scopes: Vec<(ScopeInfo, bool)>,
    /// The line with the cursor; behind the last one, the scopes.
    pub focus: usize,
    /// The selected scope.
    pub scope: usize,
    /// The first scope on screen.
    pub offset: usize,
    /// What is wrong with what was typed.
    pub problem: Option<String>,
}

impl WizardForm {
    pub(super) fn new(provider: &Provider, flow: Flow, id: &str, owner: &Scope) -> Self {
        let mut kinds = vec![FieldKind::Id, FieldKind::Owner];
        if flow == Flow::ApiKey {
            kinds.push(FieldKind::Key);
        } else {
            kinds.extend(addresses(provider, flow));
            kinds.push(FieldKind::ClientId);
            let need = provider.oauth.as_ref().map_or(Need::Never, |side| side.secret);
            if need != Need::Never || flow == Flow::ClientCredentials {
                kinds.push(FieldKind::ClientSecret);
            }
        }
        let line = |kind| {
            let mut text = match FieldKind::is_secret(kind) {
                true => SecretField::hidden(MAX_LINE),
                false => SecretField::line(MAX_LINE),
            };
            match kind {
                FieldKind::Id => text.set(id),
                FieldKind::Owner => text.set(owner.as_str()),
                _ => {}
            }
            WizardField { kind, text }
        };
        let asks = !matches!(flow, Flow::ApiKey | Flow::ClientCredentials);
        let scopes = provider.oauth.iter().filter(|_| asks).flat_map(|side| &side.scopes);
        Self {
            fields: kinds.into_iter().map(line).collect(),
            scopes: scopes.map(|scope| (scope.clone(), scope.default)).collect(),
            focus: 0,
            scope: 0,
            offset: 0,
            problem: None,
        }
    }

    /// The line with the cursor.
    pub fn field(&mut self) -> Option<&mut SecretField> {
        self.fields.get_mut(self.focus).map(|field| &mut field.text)
    }

    /// Whether the scopes have the cursor.
    pub fn in_scopes(&self) -> bool {
        self.focus >= self.fields.len()
    }

    fn step(&mut self, forward: bool) {
        let stops = self.fields.len() + usize::from(!self.scopes.is_empty());
        let by = if forward { 1 } else { stops - 1 };
        self.focus = (self.focus + by) % stops.max(1);
        if self.in_scopes() {
            self.scope = if forward { 0 } else { self.scopes.len() - 1 };
        }
    }

    /// Asks for a scope, or does not any more; the cursor goes there.
    pub(super) fn tick(&mut self, at: usize) {
        self.focus = self.fields.len();
        if let Some((_, asked)) = self.scopes.get_mut(at) {
            (self.scope, *asked) = (at, !*asked);
        }
    }

    /// Says what is wrong and puts the cursor there.
    fn blame(&mut self, (kind, problem): Wrong) {
        let at = self.fields.iter().position(|field| field.kind == kind);
        self.focus = at.unwrap_or(self.focus);
        self.problem = Some(problem);
    }

    fn text(&self, kind: FieldKind) -> String {
        let field = self.fields.iter().find(|field| field.kind == kind);
        field.map_or_else(String::new, |field| field.text.with_str(|text| text.trim().to_owned()))
    }

    /// The address in a line; none where nothing is typed.
    fn address(&self, kind: FieldKind) -> Result<Option<Endpoint>, Wrong> {
        match self.text(kind) {
            text if text.is_empty() => Ok(None),
            text => text.parse().map(Some).map_err(|error: crate::service::oauth::OauthError| {
                (kind, format!("{error} ({})", error.help()))
            }),
        }
    }

    /// What was typed as a request, or what is wrong with it.
    fn request(&self, provider: &Provider, flow: Flow) -> Result<SignInRequest, Wrong> {
        let id = self.text(FieldKind::Id).parse::<SecretKey>().ok();
        let id = id.filter(|id| id.as_str().len() <= MAX_ID).ok_or_else(|| {
            (FieldKind::Id, format!("The profile's name has 1 to {MAX_ID} of A-Z a-z 0-9 . _ -"))
        })?;
        let owner = self.text(FieldKind::Owner).parse();
        let owner: Scope = owner.map_err(|error: crate::vault::VaultError| {
            (FieldKind::Owner, format!("{error}: {}", error.help()))
        })?;
        let mut endpoints = provider.endpoints();
        endpoints.issuer = self.address(FieldKind::Issuer)?.or(endpoints.issuer);
        endpoints.token = self.address(FieldKind::Token)?.or(endpoints.token);
        endpoints.authorization =
            self.address(FieldKind::Authorization)?.or(endpoints.authorization);
        endpoints.device_authorization =
            self.address(FieldKind::Device)?.or(endpoints.device_authorization);
        let lacks = |kind| self.text(kind).is_empty();
        let need = provider.oauth.as_ref().map_or(Need::Never, |side| side.secret);
        let secret_needed = need == Need::Required || flow == Flow::ClientCredentials;
        let kinds = self.fields.iter().map(|field| field.kind);
        let missing = kinds
            .filter(|kind| *kind != FieldKind::ClientSecret || secret_needed)
            .find(|kind| lacks(*kind));
        if let Some(missing) = missing {
            return Err((missing, format!("{} is still missing", missing.label())));
        }
        let secret = |kind| {
            let field = self.fields.iter().find(|field| field.kind == kind);
            field.filter(|field| !field.text.is_empty()).map(|field| field.text.to_sensitive())
        };
        Ok(SignInRequest {
            id,
            owner,
            provider: provider.clone(),
            flow,
            endpoints,
            client_id: self.text(FieldKind::ClientId),
            secret: secret(FieldKind::ClientSecret).or_else(|| secret(FieldKind::Key)),
            scopes: self.asked().map(|scope| scope.name.clone()).collect(),
            handle: Handle::default(),
        })
    }

    /// What is asked for.
    pub fn asked(&self) -> impl Iterator<Item = &ScopeInfo> {
        self.scopes.iter().filter(|(_, asked)| *asked).map(|(scope, _)| scope)
    }
}

/// The field where something is wrong, and what.
type Wrong = (FieldKind, String);

/// The addresses that only the user knows.
fn addresses(provider: &Provider, flow: Flow) -> Vec<FieldKind> {
    let known = provider.endpoints();
    if known.token.is_some() || known.issuer.is_some() {
        return Vec::new();
    }
    if provider.id != "custom" {
        return vec![FieldKind::Issuer];
    }
    match flow {
        Flow::Device => vec![FieldKind::Device, FieldKind::Token],
        Flow::Browser | Flow::Paste => vec![FieldKind::Authorization, FieldKind::Token],
        Flow::ClientCredentials | Flow::ApiKey => vec![FieldKind::Token],
    }
}

impl App {
    pub(in crate::app) fn open_wizard_form(&mut self) {
        let owner = self.scope_at_hand().unwrap_or_else(Scope::global);
        let id = self.free_id();
        let Some(wizard) = self.wizard() else { return };
        let flow = wizard.way();
        let draft = wizard.draft.take();
        let draft = draft.filter(|(at, way, _)| (*at, *way) == (wizard.provider, flow));
        let Some(provider) = wizard.chosen() else { return };
        let form = match draft {
            Some((_, _, form)) => form,
            None => WizardForm::new(provider, flow, &id, &owner),
        };
        (wizard.stage, wizard.failure) = (Stage::Form(form), None);
    }

    /// The provider's name, with a number behind it where there is such a profile already.
    fn free_id(&mut self) -> String {
        let provider = self.wizard().and_then(|wizard| wizard.chosen());
        let provider = provider.map(|provider| provider.id.clone()).unwrap_or_default();
        let taken = self.profiles().map_or(&[][..], |profiles| profiles.kept());
        let is_free = |id: &String| taken.iter().all(|kept| kept.profile.id.as_str() != id);
        let numbered = (2..).map(|number: u32| format!("{provider}-{number}"));
        std::iter::once(provider.clone()).chain(numbered).find(is_free).unwrap_or_default()
    }

    pub(in crate::app) fn wizard_typed(&mut self) {
        let Some(wizard) = self.wizard() else { return };
        wizard.failure = None;
        match &mut wizard.stage {
            Stage::Form(form) => form.problem = None,
            Stage::Approve(approve) => (approve.problem, approve.handed) = (None, false),
            _ => {}
        }
    }

    pub(in crate::app) fn wizard_form_act(&mut self, action: Action) {
        let Some(wizard) = self.wizard() else { return };
        let busy = wizard.working.is_some();
        let Stage::Form(form) = &mut wizard.stage else { return };
        match action {
            Action::Close => self.leave_wizard(),
            _ if busy => {}
            Action::Accept => self.submit_wizard(),
            Action::Back => wizard.back_to_flow(),
            Action::Toggle if form.in_scopes() => form.tick(form.scope),
            Action::Down if form.in_scopes() && form.scope + 1 < form.scopes.len() => {
                form.scope += 1;
            }
            Action::Up if form.in_scopes() && form.scope > 0 => form.scope -= 1,
            Action::Next | Action::Down => form.step(true),
            Action::Previous | Action::Up => form.step(false),
            Action::ShowTyped => {
                for field in form.fields.iter_mut().filter(|field| field.kind.is_secret()) {
                    field.text.shown = !field.text.shown;
                }
            }
            _ => {}
        }
    }

    fn submit_wizard(&mut self) {
        let (now, actor) = (self.now, self.seen_by());
        let Some(wizard) = self.wizard() else { return };
        wizard.failure = None;
        let request = wizard.request();
        let Stage::Form(form) = &mut wizard.stage else { return };
        let request = match request {
            Ok(request) if actor.may_write(&request.owner) => request,
            Ok(request) => {
                let owner = &request.owner;
                let why =
                    format!("{actor} may not write to {owner}: choose a scope it may write to");
                return form.blame((FieldKind::Owner, why));
            }
            Err(wrong) => return form.blame(wrong),
        };
        let handle = request.handle.clone();
        let ticket = self.asks.put(Ask::SignIn, now);
        self.out.push(Effect::SignIn(ticket, Box::new(request)));
        let Some(wizard) = self.wizard() else { return };
        if wizard.way() == Flow::ApiKey {
            wizard.working = Some(ticket);
            return;
        }
        let stage = std::mem::replace(&mut wizard.stage, Stage::Provider);
        if let Stage::Form(form) = stage {
            wizard.stage = Stage::Approve(Approve::new(form, handle, ticket));
        }
    }
}

impl Wizard {
    fn request(&self) -> Result<SignInRequest, Wrong> {
        match (&self.stage, self.chosen()) {
            (Stage::Form(form), Some(provider)) => form.request(provider, self.way()),
            _ => Err((FieldKind::Id, "There is no provider".to_owned())),
        }
    }

    /// Puts the cursor into a field.
    pub(in crate::app) fn click_field(&mut self, at: usize) {
        let busy = self.working.is_some();
        if let Stage::Form(form) = &mut self.stage
            && at < form.fields.len()
            && !busy
        {
            form.focus = at;
        }
    }

    /// One step back; what was typed is kept for the way it was typed for.
    fn back_to_flow(&mut self) {
        let stage = std::mem::replace(&mut self.stage, Stage::Flow);
        if let Stage::Form(form) = stage {
            self.draft = Some((self.provider, self.way(), form));
        }
        (self.offset, self.failure) = (0, None);
    }
}
