namespace ClawEvents.Broker.Web;

/// <summary>The headers of pages and of what they load: nothing of another origin, nothing inline, in no frame, and no sensor or window of the browser.</summary>
internal static class PageHeaders
{
    /// <summary>The browser keeps it, and asks each time whether it has changed.</summary>
    public const string AskAgain = "no-cache";

    /// <summary>The browser keeps it and never asks: another content has another address.</summary>
    public const string KeepForever = "public, max-age=31536000, immutable";

    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        + "require-trusted-types-for 'script'; trusted-types 'none'";

    public static void Set(HttpResponse response, string type, string cacheControl)
    {
        var headers = response.Headers;
        response.ContentType = type;
        headers.CacheControl = cacheControl;
        headers.ContentSecurityPolicy = Policy;
        headers.XFrameOptions = "DENY";
        headers["Permissions-Policy"] = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }
}
