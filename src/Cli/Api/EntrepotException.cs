using System.Net;

namespace Grid.Cli.Api;

/// <summary>An answer of the Entrepôt API other than success; the message is a sentence for the producer.</summary>
public sealed class EntrepotException : Exception
{
    /// <param name="method">HTTP method of the request.</param>
    /// <param name="path">Its path under the API's root.</param>
    /// <param name="status">Status of the answer.</param>
    /// <param name="descriptions">The answer's <c>error_description</c>, or its body when it has another form.</param>
    public EntrepotException(HttpMethod method, string path, HttpStatusCode status, IReadOnlyList<string> descriptions)
        : base($"{method} {path} answered {(int)status}: {(descriptions.Count == 0 ? "no reason given" : string.Join(" ", descriptions))}")
    {
        Status = status;
        Descriptions = descriptions;
    }

    /// <summary>Status of the answer.</summary>
    public HttpStatusCode Status { get; }

    /// <summary>The server's sentences.</summary>
    public IReadOnlyList<string> Descriptions { get; }

    /// <summary>True when the same request may succeed a little later: the server is overloaded, restarting or behind a proxy that is.</summary>
    public bool IsTransient => Status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout || (int)Status >= 500;
}

/// <summary>A delivery that cannot go on, in a sentence that says why and what to do.</summary>
public sealed class DeliveryException(string message) : Exception(message);
