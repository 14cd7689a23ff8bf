import HTTP
import Models
import Processing
import Text

/// Publications at the HTTP door: an office releases a draft, or withdraws what it released.
extension API {
    func publications(_ request: Request) throws(Problem) -> Plan {
        let proof = try office(of: request, for: "a publication")
        let draft: PublicationDraft
        do throws(Malformed) {
            draft = try PublicationsForm.read(try Form(request.body))
        } catch {
            throw Problem(fields: error)
        }
        let receipt = try take(.publication(draft), request, proof, nil)
        return Plan(stages: receipt.stages, answer: .json(JSON.encode(PublicationAccepted()), status: 202))
    }
}

private struct PublicationAccepted: Encodable {
    let accepted = 1
}
