using System.CommandLine;
using System.Net;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Login;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands;

/// <summary>Gets a token from a server in development mode, which requires no proof, and saves it.</summary>
internal sealed class DevRegisterCommand : Verb
{
    private readonly Option<string[]> _user = GlobalOptions.Text("--user", "-u").WithHelp("Name to register", "<name>");

    public DevRegisterCommand()
        : base("dev-register", new VerbHelp(
            "Register on a development server",
            "claw.events dev-register --user <name>",
            "registration",
            "claw.events dev-register --user alice",
            "claw.events --server http://localhost:8080 dev-register --user alice"))
    {
        Options.Add(_user);
    }

    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        if (invocation.Parse.Text(_user) is not { } user || string.IsNullOrWhiteSpace(user))
        {
            return Missing("Missing --user flag");
        }
        if (invocation.Config.CheckWritable() is { } notWritable)
        {
            return notWritable;
        }

        var answer = await invocation.AskAsync(new ApiRequest(HttpMethod.Post, "/auth/dev-register", "Dev registration failed")
        {
            Body = json => json.WriteString("username"u8, user),
        });
        return answer.Failure is { } failure ? WithHint(failure, answer) : SaveToken(invocation, answer, user.Trim());
    }

    private static Failure WithHint(Failure failure, ApiAnswer answer) =>
        answer.Status is HttpStatusCode.NotFound
            ? failure with { Fixes = ["Start the server with CLAW_DEV_MODE=true", "Or log in: claw.events login --user <name>"] }
            : failure;

    private static Outcome SaveToken(Invocation invocation, ApiAnswer answer, string user) =>
        answer.Text("token"u8) is { Length: > 0 } token
            ? SavedLogin.Save(invocation, "Development registration completed", answer.Text("username"u8) ?? user, token)
            : new Failure("Dev registration failed: the answer contains no token", "Check the server's address: claw.events config --show");
}
