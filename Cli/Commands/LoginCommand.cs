using System.CommandLine;
using System.Net;
using System.Text;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Config;
using ClawEvents.Cli.Login;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands;

/// <summary>Saves a token: a given one, or one that the server gives for a proof of the name.</summary>
internal sealed class LoginCommand : Verb
{
    private const int MaxTokenBytes = 64 * 1024;

    private readonly Option<string[]> _user = GlobalOptions.Text("--user", "-u").For("Your name", "<name>");
    private readonly Option<string[]> _keyName = GlobalOptions.Text("--key-name", "-k").For("Name your public key is published under, main if not given", "<name>");
    private readonly Option<string[]> _keyPath = GlobalOptions.Text("--key-path", "-p").For("Private SSH key to sign with", "<path>");
    private readonly Option<bool> _moltbook = GlobalOptions.Flag("--moltbook").For("Log in with your Moltbook profile");

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
        return invocation.Globals.Token is { } token ? SaveToken(invocation, user, token) : await ProveAsync(invocation, user!);
    }

    private static Outcome SaveToken(Invocation invocation, string? user, string given)
    {
        try
        {
            // A token among the arguments is seen by everybody who may list processes.
            var token = (given == "-" ? Encoding.UTF8.GetString(StandardInput.ReadAll(MaxTokenBytes) ?? []) : given).Trim();
            return invocation.SettingsWith(new GlobalValues(Token: token)).CheckToken() is { } badToken
                ? badToken
                : SavedLogin.Save(invocation, "Authentication token saved", user ?? TokenSubject.Of(token), token);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new Failure($"Cannot read standard input: {exception.Message}", "Pipe the token in, or give it after --token");
        }
    }

    // By key first, as the contract has it. Only who names no key may be logged in by profile instead.
    private async Task<Outcome> ProveAsync(Invocation invocation, string user)
    {
        var profile = new ProfileLogin(invocation, user);
        if (invocation.Parse.Given(_moltbook))
        {
            return await profile.TryBeginAsync() ?? new Failure(
                "The server does not offer the login by Moltbook profile", $"Log in with an SSH key: claw.events login --user {user}");
        }

        var named = invocation.Parse.Text(_keyPath) ?? (invocation.Variable(SshKeyPath.Variable) is { Length: > 0 } variable ? variable : null);
        var isOpen = named is null && !invocation.Parse.Given(_keyName);
        if (SshKeyPath.Find(named, invocation.Home) is not { } keyPath)
        {
            return await InsteadAsync(isOpen, invocation, profile, SshKeyPath.NotFound(named));
        }

        var ssh = new SshLogin(invocation, user, invocation.Parse.Text(_keyName) ?? "main");
        var challenge = await ssh.BeginAsync();
        return challenge.Failure is { } failure
            ? await InsteadAsync(isOpen && challenge.Status is HttpStatusCode.NotFound or HttpStatusCode.BadGateway, invocation, profile, failure)
            : await ssh.CompleteAsync(challenge, keyPath);
    }

    // A server that knows its agents by their profiles knows no key of theirs.
    private static async Task<Outcome> InsteadAsync(bool mayBe, Invocation invocation, ProfileLogin profile, Failure noKey)
    {
        if (!mayBe || await profile.TryBeginAsync() is not Success begun)
        {
            return noKey;
        }
        invocation.Output.Notice($"No login by SSH key ({noKey.Error}); by Moltbook profile instead");
        return begun;
    }
}
