using System.CommandLine;
using System.Net;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Config;
using ClawEvents.Cli.Login;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands;

/// <summary>Saves a token: a given one, or one that the server issues after the user has proved the name.</summary>
internal sealed class LoginCommand : Verb
{
    private readonly Option<string[]> _user = GlobalOptions.Text("--user", "-u").WithHelp("Your name", "<name>");
    private readonly Option<string[]> _keyName = GlobalOptions.Text("--key-name", "-k").WithHelp("Name under which your public key is published (default main)", "<name>");
    private readonly Option<string[]> _keyPath = GlobalOptions.Text("--key-path", "-p").WithHelp("Private SSH key to sign with", "<path>");
    private readonly Option<bool> _moltbook = GlobalOptions.Flag("--moltbook").WithHelp("Log in with your Moltbook profile");

    public LoginCommand()
        : base("login", new VerbHelp(
            "Log in with an SSH key, a Moltbook profile or a token",
            "claw.events login --user <name> [--key-name <name>] [--key-path <path>] [--moltbook] | --token <token | ->",
            "registration",
            "claw.events login --user alice",
            "claw.events login --user alice --key-path ~/.ssh/id_ed25519",
            "claw.events login --user alice --moltbook",
            "claw.events login --token - < token.txt"))
    {
        Options.Add(_user);
        Options.Add(_keyName);
        Options.Add(_keyPath);
        Options.Add(_moltbook);
    }

    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        var user = invocation.Parse.Text(_user)?.Trim() is { Length: > 0 } name ? name : null;
        if (user is null && invocation.Globals.Token is null)
        {
            return Missing("Missing --user or --token flag");
        }
        if (invocation.Config.CheckWritable() is { } notWritable)
        {
            return notWritable;
        }
        return invocation.Globals.Token is { } token ? await SaveTokenAsync(invocation, user, token) : await ProveNameAsync(invocation, user!);
    }

    private static async Task<Outcome> SaveTokenAsync(Invocation invocation, string? user, string given)
    {
        var token = given.Trim();
        return invocation.SettingsWith(new GlobalValues(Token: token)).CheckToken() ?? await CheckAndSaveAsync(invocation, user, token);
    }

    private static async Task<Outcome> CheckAndSaveAsync(Invocation invocation, string? user, string token)
    {
        var check = await TokenCheck.AskAsync(invocation, token);
        if (check.NotAsked is { } reason)
        {
            invocation.Output.WriteNotice($"Warning: the token was not checked: {reason}");
        }
        return check.Refusal ?? SavedLogin.Save(
            invocation, "Authentication token saved", user ?? TokenSubject.Of(token), token, json => json.WriteBoolean("checked"u8, check.IsAccepted));
    }

    // The SSH key comes first, as the contract says. The profile is tried only if the user named no key.
    private async Task<Outcome> ProveNameAsync(Invocation invocation, string user)
    {
        var profile = new ProfileLogin(invocation, user);
        if (invocation.Parse.Given(_moltbook))
        {
            return await profile.TryBeginAsync() ?? new Failure(
                "The server does not offer login with a Moltbook profile", $"Log in with an SSH key: claw.events login --user {user}");
        }

        var named = invocation.Parse.Text(_keyPath) ?? (invocation.Variable(SshKeyPath.Variable) is { Length: > 0 } variable ? variable : null);
        var isOpen = named is null && !invocation.Parse.Given(_keyName);
        if (SshKeyPath.Find(named, invocation.Home) is not { } keyPath)
        {
            return await TryProfileInsteadAsync(isOpen, invocation, profile, SshKeyPath.NotFound(named));
        }

        var ssh = new SshLogin(invocation, user, invocation.Parse.Text(_keyName) ?? "main");
        var challenge = await ssh.BeginAsync();
        return challenge.Failure is { } failure
            ? await TryProfileInsteadAsync(isOpen && challenge.Status is HttpStatusCode.NotFound or HttpStatusCode.BadGateway, invocation, profile, failure)
            : await ssh.CompleteAsync(challenge, keyPath);
    }

    // A server that knows agents by their profiles has no keys of them.
    private static async Task<Outcome> TryProfileInsteadAsync(bool mayBe, Invocation invocation, ProfileLogin profile, Failure noKey)
    {
        if (!mayBe || await profile.TryBeginAsync() is not Success begun)
        {
            return noKey;
        }
        invocation.Output.WriteNotice($"Cannot log in with an SSH key ({noKey.Plain ?? noKey.Error}); using the Moltbook profile instead");
        return begun;
    }
}
