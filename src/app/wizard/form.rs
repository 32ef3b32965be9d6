//! What has to be typed for a sign-in: a name, an owner, the client, and what is asked for.

use super::needs::{addresses, offered};
use super::{Former, Stage, Wizard};
use crate::app::App;
use crate::app::asks::Ask;
use crate::app::bindings::Action;
use crate::app::effect::{Effect, SignInRequest};
use crate::app::event::Ticket;
use crate::app::field::SecretField;
use crate::app::wizard::approve::Approve;
use crate::fault::Fault;
use crate::service::oauth::{
    Endpoint, Flow, Handle, MAX_ID, Need, Oauth, Place, Provider, ScopeInfo,
};
use crate::vault::{SecretKey, SensitiveBytes};

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
    /// What is asked for besides.
    MoreScopes,
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
            Self::MoreScopes => "Other scopes",
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
    /// What has to be typed to sign in, as it was the last time.
    pub(super) fn new(provider: &Provider, flow: Flow, former: Option<&Oauth>) -> Self {
        let mut kinds = Vec::new();
        if flow == Flow::ApiKey {
            kinds.push(FieldKind::Key);
        } else {
            if former.is_none() {
                kinds.extend(addresses(provider, flow));
            }
            kinds.push(FieldKind::ClientId);
            let need = provider.oauth.as_ref().map_or(Need::Never, |side| side.secret);
            if need != Need::Never || flow == Flow::ClientCredentials {
                kinds.push(FieldKind::ClientSecret);
            }
        }
        let asks = !matches!(flow, Flow::ApiKey);
        if asks {
            kinds.push(FieldKind::MoreScopes);
        }
        let mut form = Self::of(&kinds);
        if let Some(former) = former {
            form.set(FieldKind::ClientId, &former.client.id);
        }
        if !matches!(flow, Flow::ApiKey | Flow::ClientCredentials) {
            form.scopes = offered(provider, former);
        }
        form
    }

    /// What the profile is called, and whose it is.
    pub(super) fn for_place(place: &Place) -> Self {
        let mut form = Self::of(&[FieldKind::Id, FieldKind::Owner]);
        form.set(FieldKind::Id, place.id.as_str());
        form.set(FieldKind::Owner, place.owner.as_str());
        form
    }

    fn of(kinds: &[FieldKind]) -> Self {
        let line = |kind: &FieldKind| WizardField {
            kind: *kind,
            text: match kind.is_secret() {
                true => SecretField::hidden(MAX_LINE),
                false => SecretField::line(MAX_LINE),
            },
        };
        Self {
            fields: kinds.iter().map(line).collect(),
            scopes: Vec::new(),
            focus: 0,
            scope: 0,
            offset: 0,
            problem: None,
        }
    }

    fn set(&mut self, kind: FieldKind, text: &str) {
        for field in self.fields.iter_mut().filter(|field| field.kind == kind) {
            field.text.set(text);
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

    pub(super) fn step(&mut self, forward: bool) {
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
    pub(super) fn blame(&mut self, (kind, problem): Wrong) {
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

    /// The place that was typed, or what is wrong with it.
    pub(super) fn place(&self) -> Result<Place, Wrong> {
        let id = self.text(FieldKind::Id).parse::<SecretKey>().ok();
        let id = id.filter(|id| id.as_str().len() <= MAX_ID).ok_or_else(|| {
            (FieldKind::Id, format!("The profile's name has 1 to {MAX_ID} of A-Z a-z 0-9 . _ -"))
        })?;
        let owner = self.text(FieldKind::Owner).parse();
        let owner = owner.map_err(|error: crate::vault::VaultError| {
            (FieldKind::Owner, format!("{error}: {}", error.help()))
        })?;
        Ok(Place { id, owner })
    }

    /// What was typed as a request, or what is wrong with it.
    fn request(
        &self,
        provider: &Provider,
        flow: Flow,
        place: Place,
        former: Option<&Former>,
    ) -> Result<SignInRequest, Wrong> {
        let oauth = former.and_then(Former::oauth);
        let mut endpoints =
            oauth.map_or_else(|| provider.endpoints(), |oauth| oauth.endpoints.clone());
        endpoints.redirect_port = endpoints.redirect_port.or(provider.endpoints().redirect_port);
        endpoints.issuer = self.address(FieldKind::Issuer)?.or(endpoints.issuer);
        endpoints.token = self.address(FieldKind::Token)?.or(endpoints.token);
        endpoints.authorization =
            self.address(FieldKind::Authorization)?.or(endpoints.authorization);
        endpoints.device_authorization =
            self.address(FieldKind::Device)?.or(endpoints.device_authorization);
        let lacks = |kind| self.text(kind).is_empty();
        let need = provider.oauth.as_ref().map_or(Need::Never, |side| side.secret);
        let client_id = self.text(FieldKind::ClientId);
        let is_kept = oauth.is_some_and(|oauth| oauth.secret_of(&client_id).is_some());
        let secret_needed = !is_kept && (need == Need::Required || flow == Flow::ClientCredentials);
        let kinds = self.fields.iter().map(|field| field.kind);
        let missing = kinds
            .filter(|kind| *kind != FieldKind::MoreScopes)
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
            place,
            again: former.is_some(),
            provider: provider.clone(),
            flow,
            endpoints,
            client_id,
            secret: secret(FieldKind::ClientSecret).or_else(|| secret(FieldKind::Key)),
            scopes: self.all_scopes(),
            passphrase: None,
            handle: Handle::default(),
        })
    }

    /// What is asked for, ticked or typed.
    fn all_scopes(&self) -> Vec<String> {
        let mut scopes: Vec<_> = self.asked().map(|scope| scope.name.clone()).collect();
        for typed in self.text(FieldKind::MoreScopes).split([' ', ',']) {
            if !typed.is_empty() && !scopes.iter().any(|scope| scope == typed) {
                scopes.push(typed.to_owned());
            }
        }
        scopes
    }

    /// What is ticked.
    pub fn asked(&self) -> impl Iterator<Item = &ScopeInfo> {
        self.scopes.iter().filter(|(_, asked)| *asked).map(|(scope, _)| scope)
    }
}

/// The field where something is wrong, and what.
pub(super) type Wrong = (FieldKind, String);

impl App {
    pub(in crate::app) fn open_wizard_form(&mut self) {
        let Some(wizard) = self.wizard() else { return };
        let flow = wizard.way();
        let draft = wizard.draft.take();
        let draft = draft.filter(|(at, way, _)| (*at, *way) == (wizard.provider, flow));
        let Some(provider) = wizard.chosen() else { return };
        let former = wizard.former.as_ref().and_then(Former::oauth);
        let form = match draft {
            Some((_, _, form)) => form,
            None => WizardForm::new(provider, flow, former),
        };
        (wizard.stage, wizard.failure) = (Stage::Form(form), None);
    }

    pub(in crate::app) fn wizard_form_act(&mut self, action: Action) {
        let Some(wizard) = self.wizard() else { return };
        let Stage::Form(form) = &mut wizard.stage else { return };
        match action {
            Action::Close => self.leave_wizard(),
            Action::Accept => {
                self.submit_wizard(None);
            }
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

    /// Asks the provider, with the passphrase if that was asked for; the ticket, if it is asked.
    pub(in crate::app) fn submit_wizard(
        &mut self,
        passphrase: Option<SensitiveBytes>,
    ) -> Option<Ticket> {
        let (now, place) = (self.now, self.place_at_hand()?);
        let wizard = self.wizard()?;
        wizard.failure = None;
        let request = wizard.request(place);
        let Stage::Form(form) = &mut wizard.stage else { return None };
        let request = match request {
            Ok(request) => SignInRequest { passphrase, ..request },
            Err(wrong) => {
                form.blame(wrong);
                return None;
            }
        };
        let (handle, place) = (request.handle.clone(), request.place.clone());
        let ticket = self.asks.put(Ask::SignIn, now);
        self.out.push(Effect::SignIn(ticket, Box::new(request)));
        let wizard = self.wizard()?;
        let stage = std::mem::replace(&mut wizard.stage, Stage::Provider);
        if let Stage::Form(form) = stage {
            wizard.stage = Stage::Approve(Approve::new(form, handle, ticket, place));
        }
        Some(ticket)
    }
}

impl Wizard {
    fn request(&self, place: Place) -> Result<SignInRequest, Wrong> {
        match (&self.stage, self.chosen()) {
            (Stage::Form(form), Some(provider)) => {
                form.request(provider, self.way(), place, self.former.as_ref())
            }
            _ => Err((FieldKind::Id, "There is no provider".to_owned())),
        }
    }

    /// Puts the cursor into a field.
    pub(in crate::app) fn click_field(&mut self, at: usize) {
        let form = match &mut self.stage {
            Stage::Form(form) => form,
            Stage::Keep(keep) if !keep.working => &mut keep.place,
            _ => return,
        };
        form.focus = if at < form.fields.len() { at } else { form.focus };
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
