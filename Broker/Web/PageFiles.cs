using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microsoft.Net.Http.Headers;

namespace ClawEvents.Broker.Web;

/// <summary>Answers with files and with texts that were made: compressed as the client accepts it, and not again when the client has them already.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed partial class PageFiles
{
    private readonly ConcurrentDictionary<string, string> _tags = new(StringComparer.Ordinal);

    private readonly Lazy<string> _version = new(() => VersionInPage().Match(PackedFiles.ReadText("pages/home.html")!).Groups[1].Value);

    /// <summary>The version in the addresses of scripts and styles: a hash of their content.</summary>
    public string Version => _version.Value;

    /// <summary>Answers with a file, or with 404 where there is none.</summary>
    /// <param name="name">In the program, as <c>app/home.js</c>.</param>
    public async Task WriteAsync(HttpContext context, string name, string cacheControl)
    {
        var coding = ContentCoding.Of(context.Request);
        await using var content = coding switch
        {
            ContentCoding.Brotli => PackedFiles.OpenPacked(name + PackedFiles.Brotli),
            ContentCoding.GZip => PackedFiles.OpenPacked(name + PackedFiles.GZip),
            _ => PackedFiles.Open(name),
        };
        if (content is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        PageHeaders.Set(context.Response, TypeOf(name), cacheControl);
        if (!IsKnown(context, _tags.GetOrAdd(name, TagOf), coding))
        {
            await CopyAsync(content, context.Response, coding is null ? null : content.Length);
        }
    }

    /// <summary>The tag of a content.</summary>
    /// <param name="hash">Of its packed bytes.</param>
    public static string TagOf(byte[] hash) => Convert.ToHexStringLower(hash.AsSpan(0, 8));

    /// <summary>Answers with a text that was made.</summary>
    public static async Task WriteAsync(HttpContext context, MadeText text, string type)
    {
        PageHeaders.Set(context.Response, type, PageHeaders.AskAgain);
        var coding = ContentCoding.Of(context.Request);
        if (IsKnown(context, text.Tag, coding))
        {
            return;
        }

        await using var content = new MemoryStream(text.Packed, writable: false);
        if (coding is ContentCoding.Brotli)
        {
            await CopyAsync(content, context.Response, text.Packed.Length);
            return;
        }

        await using var plain = new BrotliStream(content, CompressionMode.Decompress);
        await using var body = coding is null ? context.Response.Body : new GZipStream(context.Response.Body, CompressionLevel.Fastest, leaveOpen: true);
        await plain.CopyToAsync(body, context.RequestAborted);
    }

    private static bool IsKnown(HttpContext context, string tag, string? coding)
    {
        var (request, response) = (context.Request, context.Response);
        var etag = $"\"{tag}{(coding is null ? "" : $"-{coding}")}\"";
        response.Headers.ETag = etag;
        response.Headers.Vary = HeaderNames.AcceptEncoding;
        if (request.GetTypedHeaders().IfNoneMatch.Any(known => known.Tag == etag || known.Tag == "*"))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return true;
        }

        response.Headers.ContentEncoding = coding;
        return false;
    }

    private static Task CopyAsync(Stream content, HttpResponse response, long? length)
    {
        response.ContentLength = length;
        return content.CopyToAsync(response.Body, response.HttpContext.RequestAborted);
    }

    private static string TagOf(string name)
    {
        using var packed = PackedFiles.OpenPacked(name + PackedFiles.Brotli)!;
        return TagOf(SHA256.HashData(packed));
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        var other => throw new NotSupportedException(string.Create(CultureInfo.InvariantCulture, $"No type is known for {other}.")),
    };

    [GeneratedRegex(@"/web/([0-9a-f]{16})/")]
    private static partial Regex VersionInPage();
}
