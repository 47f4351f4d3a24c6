#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the sample data set beside itself: 400 invented people with claims and clinical records.

Nobody in it is real; the codes are. The seed is fixed, so that the files come out the same every
time. Load it with: anam load sample.anam --format events --source sample samples
"""

import csv
import datetime
import pathlib
import random

HERE = pathlib.Path(__file__).resolve().parent
PEOPLE = 400
START = datetime.date(2012, 1, 1)
END = datetime.date(2019, 12, 31)
ICD10_FROM = datetime.date(2015, 10, 1)  # claims in the United States changed on this day

rng = random.Random(20200229)

# What a diagnosis is called before and after the change.
DIAGNOSES = {
    "t2d": ("ICD9CM:250.00", "ICD10CM:E11.9"),
    "t2d high": ("ICD9CM:250.02", "ICD10CM:E11.65"),
    "t2d kidney": ("ICD9CM:250.40", "ICD10CM:E11.22"),
    "obesity": ("ICD9CM:278.00", "ICD10CM:E66.9"),
    "hypertension": ("ICD9CM:401.9", "ICD10CM:I10"),
    "lipids": ("ICD9CM:272.4", "ICD10CM:E78.5"),
    "ckd 3": ("ICD9CM:585.3", "ICD10CM:N18.3"),
    "ckd 4": ("ICD9CM:585.4", "ICD10CM:N18.4"),
    "infarction": ("ICD9CM:410.71", "ICD10CM:I21.4"),
    "heart failure": ("ICD9CM:428.0", "ICD10CM:I50.9"),
    "asthma": ("ICD9CM:493.90", "ICD10CM:J45.909"),
    "asthma attack": ("ICD9CM:493.92", "ICD10CM:J45.901"),
    "cold": ("ICD9CM:465.9", "ICD10CM:J06.9"),
    "checkup": ("ICD9CM:V70.0", "ICD10CM:Z00.00"),
    "pregnancy": ("ICD9CM:V22.1", "ICD10CM:Z34.90"),
    "gestational diabetes": ("ICD9CM:648.83", "ICD10CM:O24.410"),
    "delivery": ("ICD9CM:650", "ICD10CM:O80"),
    "live birth": ("ICD9CM:V27.0", "ICD10CM:Z37.0"),
    "hip fracture": ("ICD9CM:820.8", "ICD10CM:S72.001A"),
    "wrist fracture": ("ICD9CM:813.42", "ICD10CM:S52.501A"),
    "osteoporosis": ("ICD9CM:733.00", "ICD10CM:M81.0"),
}

PROCEDURES = {
    "delivery": ("ICD9Proc:73.59", "ICD10PCS:10E0XZZ"),
    "hip replacement": ("ICD9Proc:81.52", "ICD10PCS:0SRR0J9"),
}

# Drug: dispensed package, prescribed clinical drug, days of supply, quantity, price of a filling.
DRUGS = {
    "metformin": ("NDC:00093104801", "RXNORM:861007", 90, 180, 32),
    "metformin brand": ("NDC:00087606005", "RXNORM:861007", 60, 120, 190),
    "sitagliptin": ("NDC:00006027731", "RXNORM:593411", 30, 30, 410),
    "glargine": ("NDC:00088222033", "RXNORM:311041", 28, 10, 270),
    "lisinopril": ("NDC:68180098001", "RXNORM:314076", 90, 90, 9),
    "amlodipine": ("NDC:00069153068", "RXNORM:197361", 90, 90, 21),
    "atorvastatin": ("NDC:00071015523", "RXNORM:617312", 90, 90, 38),
    "albuterol": ("NDC:59310057922", "RXNORM:745752", 50, 8.5, 55),
    "albuterol 2": ("NDC:00173068220", "RXNORM:435", 50, 18, 61),
    "alendronate": ("NDC:00006003144", "RXNORM:46041", 28, 4, 88),
}

NAMES = {
    "ICD9CM:250.00": "Diabetes mellitus without mention of complication, type II or unspecified type, not stated as uncontrolled",
    "ICD9CM:250.02": "Diabetes mellitus without mention of complication, type II or unspecified type, uncontrolled",
    "ICD9CM:250.40": "Diabetes with renal manifestations, type II or unspecified type, not stated as uncontrolled",
    "ICD9CM:278.00": "Obesity, unspecified",
    "ICD9CM:401.9": "Unspecified essential hypertension",
    "ICD9CM:272.4": "Other and unspecified hyperlipidemia",
    "ICD9CM:585.3": "Chronic kidney disease, Stage III (moderate)",
    "ICD9CM:585.4": "Chronic kidney disease, Stage IV (severe)",
    "ICD9CM:410.71": "Subendocardial infarction, initial episode of care",
    "ICD9CM:428.0": "Congestive heart failure, unspecified",
    "ICD9CM:493.90": "Asthma, unspecified type, unspecified",
    "ICD9CM:493.92": "Asthma, unspecified type, with (acute) exacerbation",
    "ICD9CM:465.9": "Acute upper respiratory infections of unspecified site",
    "ICD9CM:V70.0": "Routine general medical examination at a health care facility",
    "ICD9CM:V22.1": "Supervision of other normal pregnancy",
    "ICD9CM:648.83": "Abnormal glucose tolerance of mother, antepartum condition or complication",
    "ICD9CM:650": "Normal delivery",
    "ICD9CM:V27.0": "Outcome of delivery, single liveborn",
    "ICD9CM:820.8": "Closed fracture of unspecified part of neck of femur",
    "ICD9CM:813.42": "Other closed fractures of distal end of radius (alone)",
    "ICD9CM:733.00": "Osteoporosis, unspecified",
    "ICD10CM:E08-E13": "Diabetes mellitus",
    "ICD10CM:E11": "Type 2 diabetes mellitus",
    "ICD10CM:E11.9": "Type 2 diabetes mellitus without complications",
    "ICD10CM:E11.65": "Type 2 diabetes mellitus with hyperglycemia",
    "ICD10CM:E11.22": "Type 2 diabetes mellitus with diabetic chronic kidney disease",
    "ICD10CM:E66.9": "Obesity, unspecified",
    "ICD10CM:I10-I16": "Hypertensive diseases",
    "ICD10CM:I10": "Essential (primary) hypertension",
    "ICD10CM:E78.5": "Hyperlipidemia, unspecified",
    "ICD10CM:N18": "Chronic kidney disease (CKD)",
    "ICD10CM:N18.3": "Chronic kidney disease, stage 3 (moderate)",
    "ICD10CM:N18.4": "Chronic kidney disease, stage 4 (severe)",
    "ICD10CM:I21.4": "Non-ST elevation (NSTEMI) myocardial infarction",
    "ICD10CM:I50.9": "Heart failure, unspecified",
    "ICD10CM:J45": "Asthma",
    "ICD10CM:J45.909": "Unspecified asthma, uncomplicated",
    "ICD10CM:J45.901": "Unspecified asthma with (acute) exacerbation",
    "ICD10CM:J06.9": "Acute upper respiratory infection, unspecified",
    "ICD10CM:Z00.00": "Encounter for general adult medical examination without abnormal findings",
    "ICD10CM:Z34.90": "Encounter for supervision of normal pregnancy, unspecified, unspecified trimester",
    "ICD10CM:O24.410": "Gestational diabetes mellitus in pregnancy, diet controlled",
    "ICD10CM:O80": "Encounter for full-term uncomplicated delivery",
    "ICD10CM:Z37.0": "Single live birth",
    "ICD10CM:S72.001A": "Fracture of unspecified part of neck of right femur, initial encounter for closed fracture",
    "ICD10CM:S52.501A": "Unspecified fracture of the lower end of right radius, initial encounter for closed fracture",
    "ICD10CM:M81.0": "Age-related osteoporosis without current pathological fracture",
    "ICD9Proc:73.59": "Other manually assisted delivery",
    "ICD9Proc:81.52": "Partial hip replacement",
    "ICD10PCS:10E0XZZ": "Delivery of Products of Conception, External Approach",
    "ICD10PCS:0SRR0J9": "Replacement of Right Hip Joint, Femoral Surface with Synthetic Substitute, Cemented, Open Approach",
    "RXNORM:6809": "metformin",
    "RXNORM:861007": "metformin hydrochloride 500 MG Oral Tablet",
    "RXNORM:593411": "sitagliptin",
    "RXNORM:274783": "insulin glargine",
    "RXNORM:311041": "insulin glargine 100 UNT/ML Injectable Solution",
    "RXNORM:29046": "lisinopril",
    "RXNORM:314076": "lisinopril 10 MG Oral Tablet",
    "RXNORM:17767": "amlodipine",
    "RXNORM:197361": "amlodipine 5 MG Oral Tablet",
    "RXNORM:83367": "atorvastatin",
    "RXNORM:617312": "atorvastatin 10 MG Oral Tablet",
    "RXNORM:435": "albuterol",
    "RXNORM:745752": "NDA021457 200 ACTUAT albuterol 0.09 MG/ACTUAT Metered Dose Inhaler [ProAir]",
    "RXNORM:46041": "alendronate",
    "NDC:00093104801": "Metformin hydrochloride 500 mg tablet, 100 in a bottle (Teva)",
    "NDC:00087606005": "Glucophage 500 mg tablet, 100 in a bottle",
    "NDC:00006027731": "Januvia 100 mg tablet, 30 in a bottle",
    "NDC:00088222033": "Lantus 100 units/mL, 10 mL vial",
    "NDC:68180098001": "Lisinopril 10 mg tablet, 100 in a bottle (Lupin)",
    "NDC:00069153068": "Norvasc 5 mg tablet, 90 in a bottle",
    "NDC:00071015523": "Lipitor 10 mg tablet, 90 in a bottle",
    "NDC:59310057922": "ProAir HFA inhaler, 8.5 g",
    "NDC:00173068220": "Ventolin HFA inhaler, 18 g",
    "NDC:00006003144": "Fosamax 70 mg tablet, 4 in a blister",
    "ATC:A10": "Drugs used in diabetes",
    "ATC:A10A": "Insulins and analogues",
    "ATC:A10AE04": "insulin glargine",
    "ATC:A10B": "Blood glucose lowering drugs, excl. insulins",
    "ATC:A10BA02": "metformin",
    "ATC:A10BH01": "sitagliptin",
    "ATC:C08CA01": "amlodipine",
    "ATC:C09AA": "ACE inhibitors, plain",
    "ATC:C09AA03": "lisinopril",
    "ATC:C10AA": "HMG CoA reductase inhibitors",
    "ATC:C10AA05": "atorvastatin",
    "ATC:R03AC02": "salbutamol",
    "ATC:M05BA04": "alendronic acid",
    "LOINC:4548-4": "Hemoglobin A1c/Hemoglobin.total in Blood",
    "LOINC:2345-7": "Glucose [Mass/volume] in Serum or Plasma",
    "LOINC:2160-0": "Creatinine [Mass/volume] in Serum or Plasma",
    "LOINC:33914-3": "Glomerular filtration rate/1.73 sq M.predicted [Volume Rate/Area] in Serum or Plasma by Creatinine-based formula (MDRD)",
    "LOINC:8480-6": "Systolic blood pressure",
    "LOINC:8462-4": "Diastolic blood pressure",
    "LOINC:39156-5": "Body mass index (BMI) [Ratio]",
    "HCPCS:G0108": "Diabetes outpatient self-management training services, individual, per 30 minutes",
    "HCPCS:G0463": "Hospital outpatient clinic visit for assessment and management of a patient",
    "HCPCS:A4253": "Blood glucose test or reagent strips for home blood glucose monitor, per 50 strips",
    "HCPCS:E0607": "Home blood glucose monitor",
    "HCPCS:A0425": "Ground mileage, per statute mile",
    "DRG:282": "Acute myocardial infarction, discharged alive without CC/MCC",
    "DRG:291": "Heart failure and shock with MCC",
    "DRG:203": "Bronchitis and asthma without CC/MCC",
    "DRG:470": "Major joint replacement or reattachment of lower extremity without MCC",
    "DRG:638": "Diabetes with CC",
    "DRG:775": "Vaginal delivery without complicating diagnoses",
    "DRG:807": "Vaginal delivery without sterilization or D&C without CC/MCC",
    "Visit:IP": "Inpatient Visit",
    "Visit:OP": "Outpatient Visit",
    "Visit:ER": "Emergency Room Visit",
    "Race:1": "American Indian or Alaska Native",
    "Race:2": "Asian",
    "Race:3": "Black or African American",
    "Race:5": "White",
    "Ethnicity:Hispanic": "Hispanic or Latino",
    "Ethnicity:Not Hispanic": "Not Hispanic or Latino",
    "UCUM:%": "percent",
    "UCUM:mg/dL": "milligram per deciliter",
    "UCUM:mL/min/{1.73_m2}": "milliliter per minute per 1.73 square meter",
    "UCUM:mm[Hg]": "millimeter mercury column",
    "UCUM:kg/m2": "kilogram per square meter",
    "CMS Place of Service:11": "Office",
    "CMS Place of Service:21": "Inpatient Hospital",
    "CMS Place of Service:22": "On Campus-Outpatient Hospital",
    "CMS Place of Service:23": "Emergency Room - Hospital",
}

SYNONYMS = {
    "RXNORM:6809": "1,1-dimethylbiguanide|metformin hydrochloride",
    "LOINC:4548-4": "HbA1c|glycated hemoglobin",
    "ICD10CM:I10": "high blood pressure",
}

# (parent, child): classes of drugs down to packages, and blocks of ICD-10-CM.
HIERARCHY = [
    ("ATC:A10", "ATC:A10A"),
    ("ATC:A10", "ATC:A10B"),
    ("ATC:A10A", "ATC:A10AE04"),
    ("ATC:A10B", "ATC:A10BA02"),
    ("ATC:A10B", "ATC:A10BH01"),
    ("ATC:C09AA", "ATC:C09AA03"),
    ("ATC:C10AA", "ATC:C10AA05"),
    ("ATC:A10AE04", "RXNORM:274783"),
    ("ATC:A10BA02", "RXNORM:6809"),
    ("ATC:A10BH01", "RXNORM:593411"),
    ("ATC:C08CA01", "RXNORM:17767"),
    ("ATC:C09AA03", "RXNORM:29046"),
    ("ATC:C10AA05", "RXNORM:83367"),
    ("ATC:R03AC02", "RXNORM:435"),
    ("ATC:M05BA04", "RXNORM:46041"),
    ("RXNORM:6809", "RXNORM:861007"),
    ("RXNORM:274783", "RXNORM:311041"),
    ("RXNORM:29046", "RXNORM:314076"),
    ("RXNORM:17767", "RXNORM:197361"),
    ("RXNORM:83367", "RXNORM:617312"),
    ("RXNORM:435", "RXNORM:745752"),
    ("RXNORM:861007", "NDC:00093104801"),
    ("RXNORM:861007", "NDC:00087606005"),
    ("RXNORM:593411", "NDC:00006027731"),
    ("RXNORM:311041", "NDC:00088222033"),
    ("RXNORM:314076", "NDC:68180098001"),
    ("RXNORM:197361", "NDC:00069153068"),
    ("RXNORM:617312", "NDC:00071015523"),
    ("RXNORM:745752", "NDC:59310057922"),
    ("RXNORM:435", "NDC:00173068220"),
    ("RXNORM:46041", "NDC:00006003144"),
    ("ICD10CM:E08-E13", "ICD10CM:E11"),
    ("ICD10CM:E11", "ICD10CM:E11.9"),
    ("ICD10CM:E11", "ICD10CM:E11.65"),
    ("ICD10CM:E11", "ICD10CM:E11.22"),
    ("ICD10CM:I10-I16", "ICD10CM:I10"),
    ("ICD10CM:N18", "ICD10CM:N18.3"),
    ("ICD10CM:N18", "ICD10CM:N18.4"),
    ("ICD10CM:J45", "ICD10CM:J45.909"),
    ("ICD10CM:J45", "ICD10CM:J45.901"),
]

CLAIM_COLUMNS = [
    "patient_id", "start", "end", "domain", "code", "visit", "claim", "claim_type", "position",
    "claim_line", "quantity", "days_supply", "place_of_service", "drg", "charged", "allowed", "paid",
    "paid_by_patient"]
CLINICAL_COLUMNS = [
    "patient_id", "start", "end", "domain", "code", "visit", "value", "unit",
    "range_high", "provider", "refills"]
PATIENT_COLUMNS = [
    "patient_id", "sex", "birth_date", "race", "ethnicity", "state", "zip"]

STATES = [("MA", "02139"), ("NY", "10027"), ("TX", "77030"), ("CA", "94143"), ("OH", "44195"),
          ("NC", "27710"), ("WA", "98195"), ("MN", "55905")]


def money(amount):
    return f"{amount:.2f}"


def days(n):
    return datetime.timedelta(days=n)


class Person:
    """One person's life in the data. Events outside of enrolment or after death do not happen."""

    claims = []    # rows of all people
    clinical = []
    patients = []
    next_claim = 500000

    def __init__(self, number, kind):
        self.id = number
        self.kind = kind
        self.sex = "F" if kind == "pregnancy" or rng.random() < 0.52 else "M"
        low, high = {"pregnancy": (20, 38), "fracture": (66, 90), "diabetes": (38, 74),
                     "hypertension": (40, 80), "asthma": (8, 55)}.get(kind, (5, 80))
        age = rng.randint(low, high)
        self.birth = datetime.date(2014 - age, rng.randint(1, 12), rng.randint(1, 28))
        self.start = max(self.birth, START if rng.random() < 0.7 else START + days(rng.randint(30, 1200)))
        self.end = END if rng.random() < 0.8 else END - days(rng.randint(30, 900))
        self.death = None
        if age > 60 and rng.random() < 0.02 * (age - 58):
            self.death = self.start + days(rng.randint(700, max(701, (self.end - self.start).days)))
            if self.death <= self.end:
                self.end = self.death
            else:
                self.death = None
        self.has_record = rng.random() < 0.6  # of a hospital that sends its records
        self.payer_share = rng.choice([0.7, 0.8, 0.9])

    def sees(self, day):
        return self.start <= day <= self.end

    def diagnosis(self, name, day):
        return DIAGNOSES[name][day >= ICD10_FROM]

    def procedure(self, name, day):
        return PROCEDURES[name][day >= ICD10_FROM]

    def claim_row(self, **cells):
        Person.claims.append({"patient_id": self.id, **cells})

    def clinical_row(self, **cells):
        if self.has_record:
            Person.clinical.append({"patient_id": self.id, **cells})

    def encounter(self, day, names, place="11", lines=(), stay=0, drg=None, procedures=()):
        """A claim: a visit with the money of an institution, or lines with money each."""
        if not self.sees(day):
            return None
        Person.next_claim += 1
        claim = Person.next_claim
        end = min(day + days(stay), self.end)
        visit = {"11": "Visit:OP", "22": "Visit:OP", "23": "Visit:ER", "21": "Visit:IP"}[place]
        kind = {"11": "professional", "21": "inpatient"}.get(place, "outpatient")
        shared = {"visit": claim, "claim": claim, "claim_type": kind}
        row = {"start": day, "end": end, "domain": "visit", "code": visit, "place_of_service": place, **shared}
        if drg:
            row["drg"] = drg
        charged = {"11": rng.randint(90, 260), "22": rng.randint(150, 600), "23": rng.randint(600, 2500),
                   "21": rng.randint(5200, 11000) + 2600 * stay}[place]
        allowed = round(charged * rng.uniform(0.4, 0.7), 2)
        row.update(charged=money(charged), allowed=money(allowed), paid=money(allowed * self.payer_share),
                   paid_by_patient=money(allowed - round(allowed * self.payer_share, 2)))
        self.claim_row(**row)
        for position, name in enumerate(names, 1):
            self.claim_row(start=day, end=end if stay else "", domain="condition",
                           code=self.diagnosis(name, day), position=position, **shared)
        for position, name in enumerate(procedures, 1):
            self.claim_row(start=day, domain="procedure", code=self.procedure(name, day), position=position, **shared)
        for line, (code, price) in enumerate(lines, 1):
            self.claim_row(start=day, domain="procedure", code=code, claim_line=line, charged=money(price * 1.8),
                           allowed=money(price), paid=money(price * self.payer_share), **shared)
        return claim

    def fill(self, drug, day):
        if not self.sees(day):
            return
        Person.next_claim += 1
        package, _, supply, quantity, price = DRUGS[drug]
        price = round(price * rng.uniform(0.9, 1.15), 2)
        patient = min(price, 10.0)
        self.claim_row(start=day, domain="drug", code=package, claim=Person.next_claim, claim_type="drug",
                       quantity=quantity, days_supply=supply, allowed=money(price),
                       paid=money(price - patient), paid_by_patient=money(patient))

    def course(self, drug, first, until, adherence):
        """Fillings one after the other, late ones now and then, until something ends them."""
        day = first
        supply = DRUGS[drug][2]
        if self.sees(first):
            self.clinical_row(start=first, end=min(until, self.end), domain="drug", code=DRUGS[drug][1],
                              refills=11, provider="dr-%02d" % (self.id % 17))
        while day <= until:
            self.fill(drug, day)
            day += days(supply + (rng.randint(0, 6) if rng.random() < adherence else rng.randint(20, 75)))

    def lab(self, day, code, value, unit, high=None, visit=None):
        if not self.sees(day):
            return
        time = f"{day} {rng.randint(7, 16):02d}:{rng.randrange(0, 60, 5):02d}:00"
        row = {"start": time, "domain": "measurement", "code": code, "value": value, "unit": unit}
        if high is not None:
            row["range_high"] = high
        if visit:
            row["visit"] = visit
        self.clinical_row(**row)

    def pressure(self, day, systolic, visit=None):
        self.lab(day, "LOINC:8480-6", systolic, "mm[Hg]", 140, visit)
        self.lab(day, "LOINC:8462-4", round(systolic * 0.6) + rng.randint(-6, 6), "mm[Hg]", 90, visit)

    def recorded(self, name, day, visit=None):
        """A problem in the hospital's record, in the codes of the day."""
        if self.sees(day):
            row = {"start": day, "domain": "condition", "code": self.diagnosis(name, day), "provider": "dr-%02d" % (self.id % 17)}
            if visit:
                row["visit"] = visit
            self.clinical_row(**row)

    # The patterns.

    def checkups(self):
        for year in range(START.year, END.year + 1):
            if rng.random() < 0.35:
                day = datetime.date(year, rng.randint(1, 12), rng.randint(1, 28))
                visit = self.encounter(day, ["checkup"])
                if visit:
                    self.pressure(day, rng.randint(108, 134), visit)
                    self.lab(day, "LOINC:39156-5", round(rng.uniform(20, 31), 1), "kg/m2", None, visit)
            if rng.random() < 0.2:
                self.encounter(datetime.date(year, rng.choice([1, 2, 11, 12]), rng.randint(1, 28)), ["cold"])

    def diabetes(self):
        onset = self.start + days(rng.randint(200, 1400))
        a1c = rng.uniform(6.6, 10.2)
        kidney = rng.random() < 0.3
        pressure = rng.random() < 0.6
        before = onset - days(rng.randint(10, 60))
        self.lab(before, "LOINC:4548-4", round(a1c, 1), "%", 5.7)
        self.lab(onset - days(rng.randint(1, 9)), "LOINC:4548-4", round(a1c + rng.uniform(-0.2, 0.2), 1), "%", 5.7)
        treated = onset + days(rng.choice([0, 0, 0, 7, 14, 30, 45]))
        until = treated + days(rng.randint(250, 2400))
        drug = "metformin brand" if rng.random() < 0.15 else "metformin"
        if rng.random() < 0.12:  # insulin from the start: no new user of metformin alone
            self.course("glargine", onset - days(rng.randint(20, 90)), until, 0.9)
        self.course(drug, treated, until, rng.uniform(0.7, 0.98))
        later = treated + days(rng.randint(300, 900))
        if a1c > 8.3 and rng.random() < 0.7:
            self.course(rng.choice(["sitagliptin", "glargine"]), later, later + days(rng.randint(200, 1200)), 0.85)
        if rng.random() < 0.6:
            self.course("atorvastatin", onset + days(rng.randint(20, 200)), self.end, 0.85)
        if pressure:
            self.course("lisinopril", onset + days(rng.randint(-100, 100)), self.end, 0.85)
        day = onset
        trained = False
        while day <= self.end:
            controlled = day > treated + days(90)
            names = ["t2d high" if a1c > 8 and not controlled else "t2d"]
            if pressure:
                names.append("hypertension")
            if kidney and day > onset + days(500):
                names = ["t2d kidney", "ckd 3" if day < onset + days(1500) else "ckd 4"] + names[1:]
            if rng.random() < 0.35:
                names.append(rng.choice(["obesity", "lipids"]))
            lines = []
            if not trained:
                lines = [("HCPCS:E0607", 64), ("HCPCS:G0108", 56)]
                trained = True
            elif rng.random() < 0.5:
                lines = [("HCPCS:A4253", 31)]
            visit = self.encounter(day, names, lines=lines)
            if visit:
                self.recorded(names[0], day, visit)
                now = a1c - (rng.uniform(0.4, 1.8) if controlled else 0) + rng.uniform(-0.4, 0.4)
                self.lab(day, "LOINC:4548-4", round(max(5.2, now), 1), "%", 5.7, visit)
                self.lab(day, "LOINC:2345-7", rng.randint(95, 240), "mg/dL", 99, visit)
                if kidney:
                    gfr = max(18, 62 - (day - onset).days // 60)
                    self.lab(day, "LOINC:33914-3", gfr, "mL/min/{1.73_m2}", None, visit)
                    self.lab(day, "LOINC:2160-0", round(75 / gfr, 2), "mg/dL", 1.3, visit)
                if rng.random() < 0.5:
                    self.pressure(day, rng.randint(118, 158), visit)
            day += days(rng.randint(110, 260))
        if rng.random() < 0.15:
            self.encounter(onset + days(rng.randint(30, 1200)), ["t2d high", "hypertension"], "21", stay=rng.randint(2, 6), drg="638")

    def hypertension(self):
        onset = self.start + days(rng.randint(30, 900))
        self.course(rng.choice(["lisinopril", "amlodipine"]), onset + days(7), self.end, rng.uniform(0.6, 0.95))
        if rng.random() < 0.5:
            self.course("atorvastatin", onset + days(rng.randint(0, 300)), self.end, 0.8)
        day = onset
        while day <= self.end:
            visit = self.encounter(day, ["hypertension"] + (["lipids"] if rng.random() < 0.4 else []))
            if visit:
                self.recorded("hypertension", day, visit)
                self.pressure(day, rng.randint(122, 172), visit)
            day += days(rng.randint(180, 400))
        if rng.random() < 0.18:
            event = onset + days(rng.randint(100, 2000))
            if self.encounter(event, ["infarction", "hypertension"], "21", stay=rng.randint(3, 7), drg="282",
                              lines=[("HCPCS:A0425", 88)]):
                self.encounter(event + days(rng.randint(30, 300)), ["heart failure", "hypertension"], "21",
                               stay=rng.randint(3, 9), drg="291")

    def asthma(self):
        onset = self.start + days(rng.randint(10, 700))
        self.course(rng.choice(["albuterol", "albuterol 2"]), onset, self.end, 0.2)
        day = onset
        while day <= self.end:
            visit = self.encounter(day, ["asthma"])
            self.recorded("asthma", day, visit)
            if rng.random() < 0.15:
                self.encounter(day + days(rng.randint(20, 90)), ["asthma attack"], "23")
            if rng.random() < 0.05:
                self.encounter(day + days(rng.randint(20, 90)), ["asthma attack"], "21", stay=rng.randint(1, 4), drg="203")
            day += days(rng.randint(220, 500))

    def pregnancy(self):
        birth = self.start + days(rng.randint(320, 1800))
        for _ in range(rng.choice([1, 1, 2])):
            sugar = rng.random() < 0.15
            for weeks in (30, 26, 22, 18, 14, 10, 8, 6, 4, 3, 2, 1):
                day = birth - days(7 * weeks)
                names = ["pregnancy"] + (["gestational diabetes"] if sugar and weeks < 12 else [])
                visit = self.encounter(day, names)
                if visit and weeks in (26, 10):
                    self.lab(day, "LOINC:2345-7", rng.randint(78, 105) + (45 if sugar else 0), "mg/dL", 99, visit)
                    self.pressure(day, rng.randint(100, 132), visit)
            self.encounter(birth, ["delivery", "live birth"], "21", stay=rng.randint(1, 3),
                           drg="775" if birth < datetime.date(2018, 10, 1) else "807", procedures=["delivery"])
            birth += days(rng.randint(500, 1100))

    def fracture(self):
        event = self.start + days(rng.randint(200, 2000))
        if rng.random() < 0.5:
            self.encounter(event, ["hip fracture", "osteoporosis"], "21", stay=rng.randint(4, 11), drg="470",
                           procedures=["hip replacement"], lines=[("HCPCS:A0425", 120)])
        else:
            self.encounter(event, ["wrist fracture"], "23")
        for k in range(1, 4):
            self.encounter(event + days(30 * k + rng.randint(0, 12)), ["osteoporosis"], "22", lines=[("HCPCS:G0463", 118)])
        if rng.random() < 0.6:
            self.course("alendronate", event + days(rng.randint(40, 120)), self.end, 0.7)

    def live(self):
        state, zip_code = STATES[self.id % len(STATES)]
        Person.patients.append({
            "patient_id": self.id, "sex": self.sex, "birth_date": self.birth,
            "race": rng.choices(["5", "3", "2", "1", ""], [62, 18, 8, 2, 10])[0],
            "ethnicity": rng.choices(["Not Hispanic", "Hispanic", ""], [75, 15, 10])[0],
            "state": state, "zip": zip_code})
        self.claim_row(start=self.start, end=self.end, domain="enrollment")
        self.checkups()
        if self.kind != "healthy":
            getattr(self, self.kind)()
        if self.death:
            self.claim_row(start=self.death, domain="death")


def write(name, columns, rows):
    with open(HERE / name, "w", newline="", encoding="utf-8") as file:
        out = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        out.writeheader()
        out.writerows(rows)


def main():
    kinds = ["diabetes"] * 90 + ["hypertension"] * 60 + ["asthma"] * 40 + ["pregnancy"] * 35 + ["fracture"] * 30
    kinds += ["healthy"] * (PEOPLE - len(kinds))
    rng.shuffle(kinds)
    for index, kind in enumerate(kinds):
        Person(1001 + index, kind).live()
    order = lambda row: (row["patient_id"], str(row["start"]))
    write("patients.csv", PATIENT_COLUMNS, Person.patients)
    write("events_claims.csv", CLAIM_COLUMNS, sorted(Person.claims, key=order))
    write("events_clinical.csv", CLINICAL_COLUMNS, sorted(Person.clinical, key=order))
    codes = []
    for code, name in NAMES.items():
        vocabulary, text = code.split(":", 1)
        codes.append({"vocabulary": vocabulary, "code": text, "name": name, "synonyms": SYNONYMS.get(code, "")})
    write("codes.csv", ["vocabulary", "code", "name", "synonyms"], codes)
    write("hierarchy.csv", ["parent", "child"], [{"parent": p, "child": c} for p, c in HIERARCHY])


if __name__ == "__main__":
    main()
