using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Http.Description;
using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Api.Admin;

/// <summary><c>/admin/login</c>, <c>/admin/logout</c> and <c>/admin/session</c>: an operator signs in to the console. docs/reference/http-api.md#admin</summary>
internal sealed class AdminApi(
    ApiOptions options, AdminSessions sessions, InternalPort port, AddressGuard guard, TrustedProxies proxies, NodeIdentity node, BrokerMetrics metrics) : IApi
{
    private const string Group = "Console";

    private static readonly ApiError Foreign = ApiError.Forbidden($"send {AdminSessions.Header}: only the console's own page signs in here");

    public void Map(IEndpointRouteBuilder endpoints)
    {
        if (!options.ShowsAdmin)
        {
            return;
        }

        endpoints.MapGet("/admin/session", port.GuardConsole(WriteSessionAsync)).Describe(new(Group, "Whether the caller is signed in")
        {
            Answer = [ApiField.Ok, ApiField.Flag("signedIn"), ApiField.Text("by", "what opens a session: password, key, both, or nothing"), ApiField.Text("node"), ApiField.Text("version")],
        });
        endpoints.MapPost("/admin/login", port.GuardConsole(guard.SignIn(LoginAsync))).Describe(new(Group, "Sign in to the console")
        {
            Body = [ApiField.Text("password", "AdminPassword, or the key of the server API")],
            Answer = [ApiField.Ok],
            Refusals = [StatusCodes.Status401Unauthorized, StatusCodes.Status403Forbidden, StatusCodes.Status429TooManyRequests],
        });
        endpoints.MapPost("/admin/logout", port.GuardConsole(LogoutAsync)).Describe(new(Group, "Sign out of the console") { Answer = [ApiField.Ok] });
    }

    private Task WriteSessionAsync(HttpContext context) => ApiResponse.WriteAsync(context.Response, StatusCodes.Status200OK, json =>
    {
        json.WriteBoolean("ok", true);
        json.WriteBoolean("signedIn", sessions.IsOpen(context.Request));
        json.WriteString("by", sessions.Openers);
        json.WriteString("node", node.Name);
        json.WriteString("version", BrokerVersion.Number);
    });

    // The header keeps a page of another origin from signing its visitor in to a console that it knows the password of.
    private async Task LoginAsync(HttpContext context)
    {
        using var fields = await RequestFields.ReadAsync(context.Request);
        if (!context.Request.Headers.ContainsKey(AdminSessions.Header))
        {
            await Foreign.WriteAsync(context.Response);
        }
        else if (fields is null || !fields.TryGetExactText("password", out var password) || password is null)
        {
            await ApiError.BadRequest("password required, as text").WriteAsync(context.Response);
        }
        else if (!sessions.Opens(password))
        {
            metrics.AuthenticationFailed("admin", "wrong_password");
            await ApiError.Unauthorized("wrong password").WriteAsync(context.Response);
        }
        else
        {
            context.Response.Cookies.Append(AdminSessions.Cookie, sessions.Begin(), CookieFor(context, AdminSessions.Lifetime));
            await WriteOkAsync(context);
        }
    }

    private Task LogoutAsync(HttpContext context)
    {
        if (sessions.IsOpen(context.Request))
        {
            sessions.End(context.Request);
            context.Response.Cookies.Delete(AdminSessions.Cookie, CookieFor(context, lifetime: null));
        }

        return WriteOkAsync(context);
    }

    private CookieOptions CookieFor(HttpContext context, TimeSpan? lifetime) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = proxies.IsSecure(context),
        Path = "/",
        MaxAge = lifetime,
    };

    private static Task WriteOkAsync(HttpContext context) => ApiResponse.WriteAsync(context.Response, StatusCodes.Status200OK, json => json.WriteBoolean("ok", true));
}
